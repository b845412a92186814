// R4.4: one message for many connections, over every framing.

#include <bit>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/brace_codec.hpp"
#include "support/pressure.hpp"

namespace naru::test {
namespace {

class shared_message : public udp_test {
 protected:
  struct named_framing {
    const char* name;
    framing frames;
  };
  static std::vector<named_framing> framings() {
    return {{.name = "4 bytes", .frames = framing::length_prefix()},
            {.name = "little-endian", .frames = framing::length_prefix(4, std::endian::little)},
            {.name = "2 bytes", .frames = framing::length_prefix(2)},
            {.name = "1 byte", .frames = framing::length_prefix(1)},
            {.name = "raw", .frames = framing::raw()},
            {.name = "lines", .frames = framing::lines()},
            {.name = "codec", .frames = framing::custom(std::make_shared<brace_codec>())}};
  }
  static message make(std::string_view text) { return message::make(text).value(); }
};

INSTANTIATE_TEST_SUITE_P(engines, shared_message, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(shared_message, R4_4_one_message_goes_over_every_framing_in_order_with_plain_ones) {
  const message small = make("to all");
  const message longer = make(pattern(200));
  const message empty = make("");
  std::size_t index = 0;
  for (const auto& [name, frames] : framings()) {
    for (const sender where : {sender::handler, sender::thread}) {
      const std::size_t there = index++;
      const link pair = open_link({.server = {.frames = frames}, .client = {.frames = frames}});
      ASSERT_TRUE(at_server_.connected(index));
      const auto send = [&](connection& self) {
        EXPECT_TRUE(self.send("before"));
        EXPECT_TRUE(self.send(small));
        EXPECT_TRUE(self.send("between"));
        EXPECT_TRUE(self.send(longer));
        EXPECT_TRUE(self.send(empty));
        EXPECT_TRUE(self.send(small));
        EXPECT_TRUE(self.send("behind"));
      };
      if (where == sender::handler) {
        ASSERT_TRUE(run_inside(*pair.client, send));
      } else {
        send(*pair.client);
      }
      const std::vector<std::string> expected{"before", "to all", "between", pattern(200),
                                              "",       "to all", "behind"};
      std::string stream;
      for (const std::string& each : expected) stream += each;
      ASSERT_TRUE(eventually([&, there] { return at_server_.at(there).stream() == stream; })) << name;
      pair.client->close();
      ASSERT_TRUE(at_server_.closed(index)) << name;
      if (std::string_view{name} != "raw") {
        EXPECT_EQ(at_server_.at(there).messages, expected) << name;
        EXPECT_EQ(pair.client->stats().messages_sent, expected.size()) << name;
      }
    }
  }
}

TEST_P(shared_message, R4_4_its_bytes_outlive_the_users_object) {
  const link pair = open_link();
  pair.server->pause_receiving();
  const std::string text = pattern(bulk_bytes() / 8);
  {
    std::optional<message> mine = make(text);
    message copy = *mine;
    const message moved = std::move(copy);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(pair.client->send(moved));
    ASSERT_TRUE(run_inside(*pair.client, [&](connection& self) { EXPECT_TRUE(self.send(*mine)); }));
    mine.reset();
  }
  pair.server->resume_receiving();
  ASSERT_TRUE(at_server_.received(4));
  for (const std::string& each : at_server_.at().messages) EXPECT_TRUE(each == text);
}

TEST_P(shared_message, R4_4_one_message_for_many_from_many_threads) {
  constexpr std::size_t threads = 3;
  constexpr std::size_t rounds = 30;
  const std::size_t links = 4;
  std::vector<link> pairs;
  const endpoint where = listen();
  for (std::size_t i = 0; i < links; ++i) {
    pairs.push_back({.client = connect(where).lock()});
    ASSERT_TRUE(at_server_.connected(i + 1));
  }
  const std::string text = pattern(50, 9);
  {
    const message shared = make(text);
    std::vector<std::jthread> running;
    for (std::size_t t = 0; t < threads; ++t) {
      running.emplace_back([&pairs, mine = shared] {
        for (std::size_t i = 0; i < rounds; ++i) {
          for (const link& each : pairs) EXPECT_TRUE(each.client->send(mine));
        }
      });
    }
  }
  ASSERT_TRUE(at_server_.received(links * threads * rounds));
  for (const record& each : at_server_.all()) {
    EXPECT_EQ(each.messages, std::vector<std::string>(threads * rounds, text));
  }
}

TEST_P(shared_message, R4_4_what_its_framing_cannot_say_is_refused_and_nothing_has_changed) {
  const message nothing;
  EXPECT_TRUE(nothing.is_nothing());
  const message too_large = make(pattern(101));
  const message line_feed = make("two\nlines");
  const message just_right = make(pattern(100));
  const link pair = open_link({.client = {.max_message_bytes = 100}});
  const auto refused = [&](connection& self) {
    EXPECT_EQ(error_of(self.send(nothing)), errc::invalid_message);
    EXPECT_EQ(error_of(self.send(too_large)), errc::message_too_large);
    EXPECT_TRUE(self.send(just_right));
  };
  refused(*pair.client);
  ASSERT_TRUE(run_inside(*pair.client, refused));
  ASSERT_TRUE(at_server_.received(2));
  EXPECT_EQ(at_server_.at().stream(), pattern(100) + pattern(100));
  EXPECT_EQ(pair.client->stats().messages_refused, 0U) << "that is for the backlog";

  const link lines = open_link({.client = {.frames = framing::lines()}});
  EXPECT_EQ(error_of(lines.client->send(line_feed)), errc::invalid_message);
  EXPECT_FALSE(lines.client->is_closed());
  const message long_one = make(pattern(256));
  const link byte = open_link({.client = {.frames = framing::length_prefix(1)}});
  EXPECT_EQ(error_of(byte.client->send(long_one)), errc::message_too_large);
  EXPECT_FALSE(byte.client->is_closed());
}

TEST_P(shared_message, R4_4_limits_of_the_backlog_hold) {
  const endpoint where = listen();
  network& polled = start_network(network_options{.workers = 0});
  at_client_.expect_connection();
  const connect_options options{.connection = {.max_message_bytes = 96,
                                               .backlog_bytes_max = 200,
                                               .when_backlog_full = backlog_policy::refuse}};
  const auto mine = connect(polled, where, at_client_.make_handlers(), options).lock();
  const message shared = make(pattern(96));
  ASSERT_TRUE(mine->send(shared));
  ASSERT_TRUE(mine->send(shared));
  EXPECT_EQ(error_of(mine->send(shared)), errc::backlog_full);
  EXPECT_EQ(mine->backlog_bytes(), 200U);
  ASSERT_TRUE(turn_until(polled, [&] { return mine->backlog_bytes() == 0; }));
  EXPECT_TRUE(at_server_.received(2));
  EXPECT_EQ(mine->stats().messages_sent, 2U);
}

TEST_P(shared_message, R4_4_udp_each_peer_gets_it_in_order_with_plain_ones) {
  const message small = make("to all");
  const message empty = make("");
  const message large = make(pattern(1200));
  std::size_t index = 0;
  for (const sender where : {sender::handler, sender::thread}) {
    const link pair = open_pair({.strangers = {.amplification_max = 0}});
    const auto send = [&](connection& self) {
      EXPECT_TRUE(self.send("before"));
      EXPECT_TRUE(self.send(small));
      EXPECT_TRUE(self.send(large));
      EXPECT_TRUE(self.send("between"));
      EXPECT_TRUE(self.send(empty));
      EXPECT_TRUE(self.send(small));
      EXPECT_EQ(error_of(self.send(message{})), errc::invalid_message);
    };
    if (where == sender::handler) {
      ASSERT_TRUE(run_inside(*pair.server, send));
    } else {
      send(*pair.server);
    }
    ASSERT_TRUE(eventually([&] { return at_client_.at(index).messages.size() == 6; }));
    EXPECT_EQ(at_client_.at(index++).messages,
              (std::vector<std::string>{"before", "to all", pattern(1200), "between", "", "to all"}));
  }
}

TEST_P(shared_message, R4_4_udp_one_that_waits_outlives_the_users_object) {
  const link pair = open_pair({.connection = {.udp = {.max_datagram_bytes = 500}}});
  {
    const message shared = make(pattern(400));
    ASSERT_TRUE(pair.server->send(shared));
    ASSERT_TRUE(run_inside(*pair.server, [&](connection& self) { EXPECT_TRUE(self.send(shared)); }));
    EXPECT_EQ(error_of(pair.server->send(make(pattern(501)))), errc::message_too_large);
  }
  ASSERT_TRUE(pair.client->send("out of probation"));
  ASSERT_TRUE(at_client_.received(2));
  EXPECT_EQ(at_client_.at().messages, (std::vector{pattern(400), pattern(400)}));
}

TEST_P(shared_message, R4_4_after_the_end_it_is_refused) {
  const message shared = make("late");
  const link pair = open_link();
  pair.client->close();
  EXPECT_EQ(error_of(pair.client->send(shared)), errc::closed);
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(error_of(pair.client->send(shared)), errc::closed);
}

}  // namespace
}  // namespace naru::test
