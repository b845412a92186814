// One message for many: groups of connections.

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <naru/group.hpp>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class group_of_peers : public network_test {
 protected:
  /// So many connections to a server with two workers; answers its side of them.
  std::vector<std::shared_ptr<connection>> gather(std::size_t count, const connection_options& options = {}) {
    wide_ = &start_network(2);
    where_ = network_test::listen(*wide_, at_server_.make_handlers(), options);
    for (std::size_t i = 0; i < count; ++i) {
      mine_.push_back(network_test::connect(where_, {.connection = {.frames = options.frames}}).lock());
      EXPECT_TRUE(at_server_.connected(i + 1));
      EXPECT_TRUE(at_client_.connected(i + 1));
    }
    return at_server_.shells();
  }
  void TearDown() override {
    mine_.clear();
    network_test::TearDown();
  }
  testing::AssertionResult everybody_got(const std::vector<std::string>& messages) {
    for (const record& each : at_client_.all()) {
      if (each.messages != messages)
        return testing::AssertionFailure() << testing::PrintToString(each.messages);
    }
    return testing::AssertionSuccess();
  }

  network* wide_ = nullptr;
  endpoint where_;
  std::vector<std::shared_ptr<connection>> mine_;
};

INSTANTIATE_TEST_SUITE_P(engines, group_of_peers, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(group_of_peers, R3_4_what_is_sent_to_it_reaches_each_member_once_and_in_order) {
  auto peers = gather(6);
  group room;
  for (const auto& each : peers) {
    ASSERT_TRUE(room.add(*each));
    ASSERT_TRUE(room.add(*each)) << "twice is once";
  }
  ASSERT_TRUE(room.send(message::make("first").value()));
  ASSERT_TRUE(room.send("second"));
  ASSERT_TRUE(at_client_.received(12));
  EXPECT_TRUE(everybody_got({"first", "second"}));
  EXPECT_EQ(room.size(), 6U);
  EXPECT_EQ(room.stats().messages, 2U);
  EXPECT_EQ(room.stats().copies, 12U);
  EXPECT_EQ(room.stats().refused, 0U);
}

TEST_P(group_of_peers, R3_4_all_but_one_and_those_who_left) {
  auto peers = gather(3);
  group room;
  for (const auto& each : peers) ASSERT_TRUE(room.add(*each));
  ASSERT_TRUE(room.send_except(*peers[0], as_bytes("not for the first")));
  ASSERT_TRUE(room.remove(*peers[1]));
  ASSERT_TRUE(room.remove(*peers[1])) << "nothing happens";
  ASSERT_TRUE(room.send("the end"));
  ASSERT_TRUE(peers[1]->send("the end"));
  ASSERT_TRUE(at_client_.received(5));
  EXPECT_EQ(room.size(), 2U);
  EXPECT_EQ(room.stats().copies, 4U);
}

TEST_P(group_of_peers, R4_5_later_sends_of_the_same_thread_stay_behind) {
  auto peers = gather(4);
  group room;
  std::vector<std::string> expected = {"before it was in"};
  for (const auto& each : peers) {
    ASSERT_TRUE(each->send(expected.front()));
    ASSERT_TRUE(room.add(*each));
  }
  for (int i = 0; i < 20; ++i) {
    const std::string number = std::to_string(i);
    ASSERT_TRUE(room.send("to all " + number));
    for (const auto& each : peers) ASSERT_TRUE(each->send("to one " + number));
    expected.push_back("to all " + number);
    expected.push_back("to one " + number);
  }
  ASSERT_TRUE(at_client_.received(expected.size() * peers.size()));
  EXPECT_TRUE(everybody_got(expected));
}

TEST_P(group_of_peers, R4_5_likewise_inside_a_handler) {
  group room;
  wide_ = &start_network(2);
  hooks talk;
  talk.connected = [&](connection& self) { EXPECT_TRUE(room.add(self)); };
  talk.received = [&](connection& self, bytes_view) {
    EXPECT_TRUE(room.send("to all"));
    EXPECT_TRUE(self.send("to one"));
  };
  where_ = network_test::listen(*wide_, at_server_.make_handlers(std::move(talk)));
  for (int i = 0; i < 3; ++i) mine_.push_back(network_test::connect(where_).lock());
  ASSERT_TRUE(eventually([&] { return room.size() == 3; }));
  ASSERT_TRUE(mine_.front()->send("go"));
  ASSERT_TRUE(at_client_.received(4));
  for (const record& each : at_client_.all()) {
    std::vector<std::string> expected = {"to all"};
    if (each.id == mine_.front()->id()) expected.emplace_back("to one");
    EXPECT_EQ(each.messages, expected);
  }
}

TEST_P(group_of_peers, R6_2_members_leave_by_themselves) {
  auto peers = gather(4);
  group room;
  for (const auto& each : peers) ASSERT_TRUE(room.add(*each));
  ASSERT_TRUE(eventually([&] { return room.size() == 4; }));
  mine_[0]->abort();
  mine_[1]->close();
  ASSERT_TRUE(eventually([&] { return room.size() == 2; }));
  peers.clear();
  ASSERT_TRUE(room.send("who is there"));
  ASSERT_TRUE(at_client_.received(2));
  EXPECT_EQ(room.stats().copies, 2U);
}

TEST_P(group_of_peers, R6_3_it_keeps_nobody_alive_and_may_go_first) {
  auto peers = gather(2);
  {
    group room;
    for (const auto& each : peers) ASSERT_TRUE(room.add(*each));
    ASSERT_TRUE(room.send("from the grave"));
  }
  ASSERT_TRUE(at_client_.received(2)) << "what was sent before still goes";
  group other;
  ASSERT_TRUE(other.add(*peers[0]));
  const std::weak_ptr<connection> gone = peers[0];
  peers.clear();
  destroy_networks();
  mine_.clear();
  EXPECT_TRUE(gone.expired());
  EXPECT_EQ(other.size(), 0U);
  EXPECT_TRUE(other.send("into the void"));
}

TEST_P(group_of_peers, R4_2_each_member_has_its_own_limits) {
  auto peers = gather(
      2, {.max_message_bytes = 1000, .backlog_bytes_max = 1004, .when_backlog_full = backlog_policy::refuse});
  group room;
  for (const auto& each : peers) ASSERT_TRUE(room.add(*each));
  // The first one's peer does not read; its backlog is full some time.
  mine_[0]->pause_receiving();
  const message words = message::make(pattern(1000)).value();
  std::size_t sent = 0;
  ASSERT_TRUE(eventually([&] {
    ++sent;
    EXPECT_TRUE(room.send(words));
    return room.stats().refused > 0;
  }));
  for (const auto& each : peers) {
    EXPECT_LE(each->stats().backlog_bytes_highest, 1004U);
    EXPECT_FALSE(each->is_closed());
  }
  ASSERT_TRUE(eventually([&] { return room.stats().copies + room.stats().refused == sent * 2; }));
  EXPECT_EQ(peers[0]->stats().messages_refused + peers[1]->stats().messages_refused, room.stats().refused);
  mine_[0]->resume_receiving();
  ASSERT_TRUE(at_client_.received(room.stats().copies));
}

TEST_P(group_of_peers, R2_7_bad_calls_are_answered) {
  auto peers = gather(1);
  group room;
  EXPECT_EQ(error_of(room.send(message{})), errc::invalid_message);
  EXPECT_TRUE(room.send("to nobody"));
  peers[0]->abort();
  EXPECT_EQ(error_of(room.add(*peers[0])), errc::closed);
  EXPECT_EQ(error_of(room.remove(*peers[0])), errc::closed);
}

TEST_P(group_of_peers, R3_5_any_number_of_threads_may_use_it) {
  auto peers = gather(4);
  group room;
  constexpr int rounds = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < rounds; ++i) {
        connection& one = *peers[static_cast<std::size_t>(i + t) % peers.size()];
        EXPECT_TRUE(room.add(one));
        EXPECT_TRUE(room.send(std::to_string(i)));
        if (i % 3 == 0) {
          EXPECT_TRUE(room.remove(one));
        }
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(room.stats().messages, 3U * rounds);
  ASSERT_TRUE(at_client_.received(room.stats().copies));
}

}  // namespace
}  // namespace naru::test
