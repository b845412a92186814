// "Closing": how long linger_timeout is, to the moment. In a simulated world, whose time passes when the test
// says so.

#include <chrono>
#include <string>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class closing_time : public network_test {
 protected:
  closing_time() {
    engine::simulated::hostility manners;
    manners.pipe_bytes = 1000;
    manners.receive_bytes_max = 500;
    environment_ =
        std::make_unique<engine_environment>(manners, engine::simulated::world_options{.manual_time = true});
  }

  void settle() { EXPECT_TRUE(environment_->world().wait_until_idle()); }
  void pass(std::chrono::milliseconds time) {
    settle();
    environment_->world().advance(time);
    settle();
  }
  bool client_ended() const { return at_client_.at().closed.has_value(); }

  static connection_options lingering() { return {.frames = framing::raw(), .linger_timeout = 1s}; }
};

INSTANTIATE_TEST_SUITE_P(manual_time, closing_time, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(closing_time, a_closing_connection_waits_linger_timeout_for_its_peers_end) {
  const link pair = open_link({.server = {.half_open = true}, .client = {.linger_timeout = 1s}});
  pair.client->close();
  ASSERT_TRUE(at_server_.peer_ended());
  pass(900ms);
  EXPECT_FALSE(client_ended());
  pass(200ms);
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(at_client_.at().closed->error, std::error_code{}) << "nothing was lost";
  pair.server->abort();
  pass(1ms);
}

TEST_P(closing_time, each_step_of_the_peer_starts_linger_timeout_anew) {
  // The server takes one part of what it is sent, and stops.
  const link pair =
      open_link({.server = {.frames = framing::raw()},
                 .client = lingering(),
                 .at_server = {.received = [](connection& peer, bytes_view) { peer.pause_receiving(); }}});
  pair.server->pause_receiving();
  settle();
  const std::string sent = pattern(8000);
  ASSERT_TRUE(pair.client->send(sent));
  pair.client->close();
  for (int step = 0; step < 10; ++step) {
    pass(900ms);
    ASSERT_FALSE(client_ended()) << "after step " << step;
    pair.server->resume_receiving();
  }
  pass(900ms);
  ASSERT_FALSE(client_ended());
  pass(200ms);
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
  EXPECT_EQ(at_client_.at().closed->error, std::errc::timed_out);
  EXPECT_TRUE(sent.starts_with(at_server_.at().stream()));
  pair.server->abort();
  settle();
}

TEST_P(closing_time, the_end_of_a_peer_that_has_something_queued_waits_for_that_alone) {
  // The server's stream has ended, and it reads nothing: the client cannot get rid of what is queued.
  const link pair =
      open_link({.server = {.frames = framing::raw(), .linger_timeout = 1h}, .client = lingering()});
  pair.server->pause_receiving();
  settle();
  ASSERT_TRUE(pair.client->send(pattern(8000)));
  pair.server->close();
  ASSERT_TRUE(at_client_.closed()) << "a closing server reads, and throws away";
  EXPECT_EQ(*at_client_.at().closed, close_cause::peer);
  EXPECT_TRUE(at_server_.closed());
}

}  // namespace
}  // namespace naru::test
