// "One dead UDP peer's ICMP error stops the shared socket", as Windows has it: a receive fails with
// WSAECONNRESET or WSAENETRESET for what became of an earlier send. Switched off (SIO_UDP_CONNRESET), and
// ignored and counted anyway.

#include <gtest/gtest.h>

#include "engine/windows/windows_headers.hpp"
#include "support/udp_test.hpp"
#include "windows/refused_calls.hpp"

namespace naru::test {
namespace {

class udp_resets : public udp_test {};

INSTANTIATE_TEST_SUITE_P(engines, udp_resets,
                         testing::Values(engine_under_test{.name = "iocp",
                                                           .make = &make_refusing_environment}),
                         engine_name{});

TEST_P(udp_resets, a_listener_ignores_and_counts_them) {
  const endpoint where = lease({}, echo());
  const link pair = open_pair(where);
  ASSERT_TRUE(at_client_.received(1));
  std::uint64_t told = server().stats().udp.errors;
  for (const int code : {WSAECONNRESET, WSAENETRESET}) {
    // The receive that this datagram sets free is asked for anew, and refused.
    refuse_next(socket_call::receive_message, code);
    const std::size_t before = at_client_.at().messages.size();
    ASSERT_TRUE(pair.client->send("still there?"));
    ASSERT_TRUE(at_client_.received(before + 1));
    ASSERT_TRUE(eventually([&] { return refusals_left(socket_call::receive_message) == 0; }));
    ASSERT_TRUE(eventually([&] { return server().stats().udp.errors > told; }));
    told = server().stats().udp.errors;
    ASSERT_TRUE(pair.client->send("and now?"));
    ASSERT_TRUE(at_client_.received(before + 2));
  }
  EXPECT_FALSE(pair.server->is_closed());
  EXPECT_TRUE(at_server_.at().errors.empty()) << "nobody knows whose error it was";
}

}  // namespace
}  // namespace naru::test
