// "Bad input": peers that reset during accept, in the middle of a message, and in the middle of a send.

#include "linux/engine/peer.hpp"
#include "linux/linux_network_test.hpp"

namespace naru::test {
namespace {

class resets : public linux_network_test {
 protected:
  /// A peer that has to be served all the time.
  void expect_served(peer& bystander) {
    bystander.send(framed("served"));
    EXPECT_EQ(bystander.receive(10), framed("served"));
  }
};

INSTANTIATE_TEST_SUITE_P(engines, resets, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(resets, before_the_connection_is_accepted) {
  const endpoint where = listen_and_echo();
  peer bystander = peer::connected_to(where);
  ASSERT_TRUE(at_server_.connected());
  // The only worker is held in a task, so that all of these wait to be accepted when they reset.
  event may_go;
  ASSERT_TRUE(at_server_.shell()->post([&](connection&) { EXPECT_TRUE(may_go.wait()); }));
  for (int i = 0; i < 100; ++i) peer::connected_to(where).reset();
  may_go.set();
  expect_served(bystander);
  peer later = peer::connected_to(where);
  expect_served(later);
  EXPECT_TRUE(eventually([this] { return server().stats().open == 2; }));
}

TEST_P(resets, in_the_middle_of_a_message) {
  const endpoint where = listen_and_echo();
  peer bystander = peer::connected_to(where);
  ASSERT_TRUE(at_server_.connected());
  for (std::size_t i = 1; i <= 20; ++i) {
    peer bad = peer::connected_to(where);
    bad.send(size_prefix(1000) + pattern(i * 30));
    bad.reset();
    ASSERT_TRUE(at_server_.closed(i));
    EXPECT_EQ(*at_server_.at(i).closed, close_cause::reset);
    expect_served(bystander);
  }
}

TEST_P(resets, in_the_middle_of_a_send) {
  const endpoint where = listen_and_echo();
  peer bystander = peer::connected_to(where);
  ASSERT_TRUE(at_server_.connected());
  for (std::size_t i = 1; i <= 20; ++i) {
    peer bad = peer::connected_to(where);
    ASSERT_TRUE(at_server_.connected(i + 1));
    const auto mine = at_server_.shell(i);
    const std::string part = pattern(1'000'000);
    for (int n = 0; n < 6; ++n) ASSERT_TRUE(mine->send(part));
    (void)bad.receive(100'000);
    bad.reset();
    ASSERT_TRUE(at_server_.closed(i));
    EXPECT_EQ(*at_server_.at(i).closed, close_cause::reset);
    expect_served(bystander);
  }
}

}  // namespace
}  // namespace naru::test
