// R5.4: whom a UDP listener lets in, beside what `strangers` says. In a simulated world, in which one can see
// that nothing more comes, and whose time passes when the test says so.

#include <memory>
#include <stdexcept>
#include <vector>

#include "support/udp_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class udp_admitting : public udp_time_test {
 protected:
  endpoint lease_asking(std::function<bool(const endpoint&)> ask, const admission_options& admission = {}) {
    leased_ = server().bind(udp, environment_->bind_address()).value();
    handlers own = at_server_.make_handlers();
    own.on_accepting = std::move(ask);
    server().listen(leased_, std::move(own), {.admission = admission}).value();
    return server().local_endpoint(leased_).value();
  }
  void say(const std::shared_ptr<connection>& mine) {
    ASSERT_TRUE(mine->send("hello"));
    settle();
  }
  std::size_t let_in() const { return at_server_.all().size(); }
  refusal_stats refused() { return server().stats().refused; }
};

INSTANTIATE_TEST_SUITE_P(manual_time, udp_admitting, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(udp_admitting, so_many_new_peers_come_in_within_a_second) {
  const endpoint where = lease({.admission = {.accepts_per_second = 2}});
  std::vector<std::shared_ptr<connection>> all;
  for (int i = 0; i < 4; ++i) {
    all.push_back(connect_udp(where));
    say(all.back());
  }
  EXPECT_EQ(let_in(), 2U);
  EXPECT_EQ(refused().by_rate, 2U);
  say(all[0]);
  EXPECT_EQ(refused().by_rate, 2U) << "a known peer is no new one";
  pass(510ms);
  say(all[2]);
  say(all[3]);
  EXPECT_EQ(let_in(), 3U);
  EXPECT_EQ(refused().by_rate, 3U);
  EXPECT_EQ(server().stats().udp.strangers_refused, 0U);
}

TEST_P(udp_admitting, on_accepting_is_asked_once_for_who_comes_in) {
  std::vector<endpoint> asked;
  const endpoint where = lease_asking([&](const endpoint& remote) {
    asked.push_back(remote);
    return true;
  });
  const auto mine = connect_udp(where);
  say(mine);
  say(mine);
  EXPECT_THAT(asked, testing::ElementsAre(mine->local_endpoint()));
  EXPECT_EQ(at_server_.at().messages.size(), 2U);
}

TEST_P(udp_admitting, on_accepting_refuses_by_its_no) {
  bool wanted = false;
  const endpoint where =
      lease_asking([&](const endpoint&) { return wanted; }, {.connections_per_address_max = 1});
  const auto mine = connect_udp(where);
  say(mine);
  EXPECT_EQ(let_in(), 0U);
  EXPECT_EQ(refused().by_handler, 1U);
  EXPECT_EQ(server().stats().open, 0U);
  wanted = true;
  say(mine);
  EXPECT_EQ(let_in(), 1U) << "and its address does not count";
  EXPECT_FALSE(mine->is_closed());
}

TEST_P(udp_admitting, on_accepting_that_throws_refuses_and_is_logged) {
  const endpoint where = lease_asking([](const endpoint&) -> bool { throw std::runtime_error{"no idea"}; });
  say(connect_udp(where));
  EXPECT_EQ(let_in(), 0U);
  EXPECT_EQ(refused().by_handler, 1U);
  EXPECT_TRUE(log_.has(log_level::error, "on_accepting threw: no idea"));
}

TEST_P(udp_admitting, on_accepting_may_close_the_listener) {
  const endpoint where = lease_asking([this](const endpoint&) {
    EXPECT_TRUE(server().close(leased_socket()));
    return true;
  });
  say(connect_udp(where));
  EXPECT_TRUE(at_server_.listener_closed(leased_socket()));
  EXPECT_EQ(let_in(), 0U);
}

TEST_P(udp_admitting, who_is_ignored_is_not_asked_for) {
  int asked = 0;
  const endpoint where = lease_asking([&](const endpoint&) {
    ++asked;
    return true;
  });
  const auto mine = connect_udp(where);
  say(mine);
  at_server_.shell()->close(1h);
  settle();
  say(mine);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(server().stats().udp.strangers_refused, 1U);
}

}  // namespace
}  // namespace naru::test
