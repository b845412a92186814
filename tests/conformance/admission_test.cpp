// R5.4: whom a TCP listener lets in.

#include <atomic>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

class admitting : public network_test {
 protected:
  endpoint open(network& where, const admission_options& admission, handlers own) {
    const socket_id id = where.bind(tcp, environment_->bind_address()).value();
    where.listen(id, std::move(own), {.admission = admission}).value();
    return where.local_endpoint(id).value();
  }
  endpoint open(const admission_options& admission, hooks also = {}) {
    return open(server(), admission, at_server_.make_handlers(std::move(also)));
  }
  /// The same, and asks this.
  endpoint open_asking(std::function<bool(const endpoint&)> ask, const admission_options& admission = {}) {
    handlers own = at_server_.make_handlers();
    own.on_accepting = std::move(ask);
    return open(server(), admission, std::move(own));
  }

  /// One that is let in.
  link enter(const endpoint& where) {
    link made;
    made.client = connect(where).lock();
    ++let_in_;
    EXPECT_TRUE(at_server_.connected(let_in_));
    made.server = at_server_.shell(let_in_ - 1);
    return made;
  }
  /// One that sees a reset and nothing else.
  void be_refused(const endpoint& where) {
    recorder& at_refused = refused_.emplace_back();
    connect(client(), where, at_refused.make_handlers());
    ASSERT_TRUE(at_refused.closed());
    const record last = at_refused.at();
    const close_cause why = last.closed.value_or(close_reason{}).cause;
    // The reset may have come before the client was told that it is connected.
    EXPECT_TRUE(why == close_cause::reset || why == close_cause::connect_failed) << to_string(why);
    EXPECT_TRUE(last.messages.empty());
    EXPECT_EQ(at_server_.all().size(), let_in_) << "no handler but on_accepting has run";
  }
  refusal_stats refused() { return server().stats().refused; }
  /// Until the server has no connection any more, nor a place that is taken.
  testing::AssertionResult is_empty() {
    return eventually([this] { return server().stats().open == 0; });
  }

  std::size_t let_in_ = 0;

 private:
  std::list<recorder> refused_;
};

INSTANTIATE_TEST_SUITE_P(engines, admitting, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(admitting, no_more_than_max_connections_at_a_time) {
  const endpoint where = open({.max_connections = 2});
  const link first = enter(where);
  const link second = enter(where);
  be_refused(where);
  be_refused(where);
  EXPECT_EQ(refused().by_limit, 2U);

  first.client->close();
  ASSERT_TRUE(at_server_.closed());
  ASSERT_TRUE(eventually([this] { return server().stats().open == 1; }));
  const link third = enter(where);
  be_refused(where);
  EXPECT_EQ(refused().by_limit, 3U);
  EXPECT_EQ(server().stats().accepted, 3U);
  ASSERT_TRUE(second.client->send("served still"));
  EXPECT_TRUE(at_server_.received(1));
}

TEST_P(admitting, the_limit_is_exact_with_many_at_once_and_several_workers) {
  constexpr std::size_t limit = 7;
  constexpr std::size_t comers = 40;
  network& wide = start_network(3);
  const endpoint where = open(wide, {.max_connections = limit}, at_server_.make_handlers());
  for (std::size_t i = 0; i < comers; ++i) connect(where);
  ASSERT_TRUE(at_client_.closed(comers - limit));
  ASSERT_TRUE(at_server_.connected(limit));
  EXPECT_EQ(at_server_.all().size(), limit);
  EXPECT_EQ(wide.stats().refused.by_limit, comers - limit);
  EXPECT_EQ(wide.stats().open, limit);
}

TEST_P(admitting, a_place_is_free_again_whichever_way_a_connection_ends) {
  const endpoint where =
      open({.max_connections = 1, .connections_per_address_max = 1},
           {.connected =
                [this](connection& peer) {
                  if (at_server_.all().size() == 6) peer.close();
                },
            .received = [](connection&, bytes_view) { throw std::runtime_error{"enough"}; }});
  const std::vector<std::function<void(const link&)>> ways = {
      [](const link& pair) { pair.client->close(); }, [](const link& pair) { pair.server->close(); },
      [](const link& pair) { pair.client->abort(); }, [](const link& pair) { pair.server->abort(); },
      [](const link& pair) { EXPECT_TRUE(pair.client->send("throw")); }};
  for (const auto& way : ways) {
    way(enter(where));
    ASSERT_TRUE(at_server_.closed(let_in_));
    ASSERT_TRUE(is_empty());
  }
  connect(where);
  ++let_in_;
  ASSERT_TRUE(at_server_.closed(let_in_)) << "the one that is closed in on_connected";
  ASSERT_TRUE(is_empty());
  const link last = enter(where);
  be_refused(where);
  EXPECT_EQ(refused().by_limit, 1U);
  EXPECT_EQ(refused().by_address, 0U);
}

TEST_P(admitting, the_connections_of_one_address_are_limited) {
  const endpoint where = open({.connections_per_address_max = 2});
  const link first = enter(where);
  const link second = enter(where);
  be_refused(where);
  EXPECT_EQ(refused().by_address, 1U);
  first.server->close();
  ASSERT_TRUE(at_server_.closed());
  ASSERT_TRUE(eventually([this] { return server().stats().open == 1; }));
  const link third = enter(where);
  be_refused(where);
  EXPECT_EQ(refused().by_address, 2U);
}

TEST_P(admitting, each_listener_counts_for_itself) {
  const endpoint one = open({.max_connections = 1});
  const endpoint another = open({.max_connections = 1});
  const link first = enter(one);
  const link second = enter(another);
  be_refused(one);
  be_refused(another);
}

TEST_P(admitting, on_accepting_is_asked_with_the_address_and_its_yes_lets_in) {
  std::mutex mutex;
  std::vector<endpoint> asked;
  const endpoint where = open_asking([&](const endpoint& remote) {
    const std::lock_guard lock{mutex};
    asked.push_back(remote);
    return true;
  });
  const link pair = enter(where);
  const std::lock_guard lock{mutex};
  EXPECT_THAT(asked, testing::ElementsAre(pair.server->remote_endpoint()));
}

TEST_P(admitting, on_accepting_refuses_by_its_no) {
  std::atomic<bool> wanted = false;
  const endpoint where = open_asking([&](const endpoint&) { return wanted.load(); });
  be_refused(where);
  be_refused(where);
  EXPECT_EQ(refused().by_handler, 2U);
  wanted = true;
  const link pair = enter(where);
  EXPECT_EQ(server().stats().accepted, 1U);
}

TEST_P(admitting, on_accepting_that_throws_refuses_and_is_logged) {
  const endpoint where = open_asking([](const endpoint&) -> bool { throw std::runtime_error{"no idea"}; },
                                     {.max_connections = 1, .connections_per_address_max = 1});
  be_refused(where);
  be_refused(where);
  EXPECT_EQ(refused().by_handler, 2U) << "and its place is free again";
  EXPECT_TRUE(log_.has(log_level::error, "on_accepting threw: no idea"));
}

TEST_P(admitting, who_is_kept_out_by_a_limit_is_not_asked_for) {
  std::atomic<int> asked = 0;
  const endpoint where = open_asking(
      [&](const endpoint&) {
        ++asked;
        return true;
      },
      {.max_connections = 1, .connections_per_address_max = 1, .accepts_per_second = 1});
  const link first = enter(where);
  be_refused(where);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(refused().by_limit, 1U);
  EXPECT_EQ(refused().by_address, 0U);
  EXPECT_EQ(refused().by_rate, 0U);
}

/// In a world that fails on demand, and whose time passes when the test says so.
class admitting_time : public admitting {
 protected:
  admitting_time() {
    environment_ = std::make_unique<engine_environment>(
        engine::simulated::hostility{}, engine::simulated::world_options{.manual_time = true});
  }
  void pass(std::chrono::milliseconds time) {
    EXPECT_TRUE(environment_->world().wait_until_idle());
    environment_->world().advance(time);
    EXPECT_TRUE(environment_->world().wait_until_idle());
  }
};

INSTANTIATE_TEST_SUITE_P(manual_time, admitting_time, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(admitting_time, so_many_are_let_in_within_a_second) {
  const endpoint where = open({.accepts_per_second = 2});
  const link first = enter(where);
  const link second = enter(where);
  be_refused(where);
  pass(std::chrono::milliseconds{490});
  be_refused(where);
  pass(std::chrono::milliseconds{20});
  const link third = enter(where);
  be_refused(where);
  EXPECT_EQ(refused().by_rate, 3U);
  pass(std::chrono::seconds{10});
  const link fourth = enter(where);
  const link fifth = enter(where);
  be_refused(where);
}

TEST_P(admitting_time, whom_the_rate_keeps_out_takes_no_place) {
  const endpoint where =
      open({.max_connections = 2, .connections_per_address_max = 2, .accepts_per_second = 1});
  const link first = enter(where);
  be_refused(where);
  be_refused(where);
  pass(std::chrono::seconds{1});
  const link second = enter(where);
  be_refused(where);
  EXPECT_EQ(refused().by_rate, 2U);
  EXPECT_EQ(refused().by_limit, 1U);
}

TEST_P(admitting_time, one_that_could_not_be_adopted_takes_no_place) {
  const endpoint where = open({.max_connections = 1, .connections_per_address_max = 1});
  environment_->world().fail_next(engine::simulated::operation::adopt,
                                  std::make_error_code(std::errc::not_enough_memory));
  connect(where);
  ASSERT_TRUE(at_client_.closed());
  ASSERT_TRUE(eventually([this] { return server().stats().accept_failures == 1; }));
  ASSERT_TRUE(is_empty());
  const link pair = enter(where);
}

TEST_P(admitting_time, a_listener_that_gets_no_random_numbers_stays_bound) {
  const socket_id id = server().bind(tcp, environment_->bind_address()).value();
  const auto listens = [&] {
    return error_of(
        server().listen(id, at_server_.make_handlers(), {.admission = {.connections_per_address_max = 1}}));
  };
  environment_->world().fail_next(engine::simulated::operation::fill_random,
                                  std::make_error_code(std::errc::io_error));
  EXPECT_EQ(listens(), std::errc::io_error);
  EXPECT_EQ(listens(), std::error_code{});
}

TEST_P(admitting_time, a_network_of_IPv6_counts_as_one_address) {
  const socket_id id = server().bind(tcp, ":0").value();
  server().listen(id, at_server_.make_handlers(), {.admission = {.connections_per_address_max = 1}}).value();
  const std::uint16_t port = server().local_endpoint(id).value().port();
  const link ipv4 = enter(endpoint::loopback_ipv4(port));
  const link ipv6 = enter(endpoint::loopback_ipv6(port));
  be_refused(endpoint::loopback_ipv4(port));
  be_refused(endpoint::loopback_ipv6(port));
  EXPECT_EQ(refused().by_address, 2U);
}

}  // namespace
}  // namespace naru::test
