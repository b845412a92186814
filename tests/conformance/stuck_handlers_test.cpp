// R2.2: a handler that never returns is named by those who wait for its worker.

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class stuck_handlers : public network_test {
 protected:
  void TearDown() override {
    release_.set();
    network_test::TearDown();
  }

  network& impatient(unsigned workers = 1) {
    return start_network({.workers = workers, .handler_patience = 10ms});
  }
  /// Stays inside until the test lets it go.
  void stay() {
    inside_.set();
    EXPECT_TRUE(release_.wait());
  }
  hooks staying_in_received() {
    return {.received = [this](connection&, bytes_view) { stay(); }};
  }
  socket_id open(network& where, handlers own) {
    const socket_id id = where.bind(tcp, environment_->bind_address()).value();
    where.listen(id, std::move(own)).value();
    address_ = where.local_endpoint(id).value();
    return id;
  }
  /// One whose `on_received` stays; answers how the log will name it.
  std::string get_stuck() {
    const auto mine = connect(address_).lock();
    EXPECT_TRUE(mine->send("stay"));
    EXPECT_TRUE(inside_.wait());
    return name_of(at_server_.shell());
  }
  static std::string name_of(const std::shared_ptr<connection>& peer) {
    return "connection " + std::to_string(static_cast<std::uint64_t>(peer->id())) + ": on_received";
  }
  std::ptrdiff_t lines_with(std::string_view part) const {
    const auto lines = log_.lines();
    return std::ranges::count_if(
        lines, [&](const log_book::line& each) { return each.text.find(part) != std::string::npos; });
  }

  event inside_;
  event release_;
  endpoint address_;
};

INSTANTIATE_TEST_SUITE_P(engines, stuck_handlers, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(stuck_handlers, stop_names_it_and_gives_up_and_a_further_stop_succeeds) {
  network& doomed = impatient(2);
  open(doomed, at_server_.make_handlers(staying_in_received()));
  const std::string name = get_stuck();

  EXPECT_EQ(error_of(doomed.stop()), errc::handler_stuck);
  EXPECT_TRUE(log_.has(log_level::error, name));
  EXPECT_EQ(lines_with("on_received"), 1);
  EXPECT_FALSE(doomed.is_running());
  EXPECT_EQ(error_of(doomed.start()), errc::already_running) << "it is stopping still";
  EXPECT_EQ(error_of(doomed.bind(tcp, environment_->bind_address())), errc::not_running);
  EXPECT_FALSE(at_server_.at().closed);
  EXPECT_EQ(error_of(doomed.stop()), errc::handler_stuck);

  release_.set();
  ASSERT_TRUE(doomed.stop());
  EXPECT_TRUE(at_server_.at().closed);
  EXPECT_EQ(doomed.stats().open, 0U);
  EXPECT_TRUE(doomed.start());
}

TEST_P(stuck_handlers, a_stop_that_waits_beside_gives_up_too) {
  network& doomed = impatient();
  open(doomed, at_server_.make_handlers(staying_in_received()));
  get_stuck();
  std::jthread other{[&] { EXPECT_EQ(error_of(doomed.stop()), errc::handler_stuck); }};
  EXPECT_EQ(error_of(doomed.stop()), errc::handler_stuck);
  other.join();
  release_.set();
  EXPECT_TRUE(doomed.stop());
}

TEST_P(stuck_handlers, a_handler_that_returns_in_time_is_waited_for) {
  network& patient = start_network({.workers = 1, .handler_patience = patience});
  open(patient, at_server_.make_handlers(staying_in_received()));
  get_stuck();
  std::jthread other{[&] { EXPECT_TRUE(patient.stop()); }};
  EXPECT_TRUE(eventually([&] { return !patient.is_running(); }));
  release_.set();
  other.join();
  EXPECT_TRUE(at_server_.at().closed);
  EXPECT_EQ(lines_with("on_received"), 0);
}

TEST_P(stuck_handlers, one_that_no_connection_has_is_named_as_well) {
  network& doomed = impatient();
  handlers own = at_server_.make_handlers();
  own.on_accepting = [this](const endpoint&) {
    stay();
    return false;
  };
  open(doomed, std::move(own));
  connect(address_);
  ASSERT_TRUE(inside_.wait());
  EXPECT_EQ(error_of(doomed.stop()), errc::handler_stuck);
  EXPECT_TRUE(log_.has(log_level::error, "on_accepting"));
  release_.set();
  EXPECT_TRUE(doomed.stop());
  EXPECT_TRUE(at_client_.closed());
}

TEST_P(stuck_handlers, drain_names_it_and_gives_up_and_a_further_drain_succeeds) {
  network& doomed = impatient(2);
  const socket_id id = open(doomed, at_server_.make_handlers(staying_in_received()));
  const std::string name = get_stuck();

  EXPECT_EQ(error_of(doomed.drain(id)), errc::handler_stuck);
  EXPECT_TRUE(log_.has(log_level::error, name));
  EXPECT_TRUE(log_.has(log_level::error, "drain"));
  EXPECT_TRUE(doomed.is_running());
  release_.set();
  // It may have ended by itself by now.
  const std::error_code again = error_of(doomed.drain(id, patience));
  EXPECT_TRUE(!again || again == errc::unknown_socket);
  EXPECT_TRUE(at_server_.closed());
  EXPECT_TRUE(doomed.bind(tcp, address_));
}

TEST_P(stuck_handlers, in_poll_on_another_thread_it_is_named_too) {
  network& polled = impatient(0);
  const socket_id id = open(polled, at_server_.make_handlers(staying_in_received()));
  const auto mine = connect(address_).lock();
  ASSERT_TRUE(mine->send("stay"));
  std::jthread turner{[&] {
    while (polled.poll(10ms)) {
    }
    EXPECT_TRUE(polled.stop()) << "on the same thread, which some engines ask for";
  }};
  ASSERT_TRUE(inside_.wait());
  EXPECT_EQ(error_of(polled.drain(id)), errc::handler_stuck);
  EXPECT_EQ(error_of(polled.stop()), errc::handler_stuck);
  EXPECT_TRUE(log_.has(log_level::error, name_of(at_server_.shell())));
  release_.set();
  turner.join();
  EXPECT_TRUE(at_server_.at().closed);
}

TEST_P(stuck_handlers, a_destructor_waits_for_it_and_says_so_once) {
  auto doomed = make_network({.workers = 1, .handler_patience = 10ms, .log = log_.handler()});
  ASSERT_TRUE(doomed->start());
  open(*doomed, at_server_.make_handlers(staying_in_received()));
  const std::string name = get_stuck();
  std::jthread other{[&] { doomed.reset(); }};
  EXPECT_TRUE(eventually([&] { return log_.has(log_level::error, name); }));
  EXPECT_FALSE(at_server_.at().closed);
  release_.set();
  other.join();
  EXPECT_TRUE(at_server_.at().closed);
  EXPECT_EQ(lines_with("on_received"), 1);
}

}  // namespace
}  // namespace naru::test
