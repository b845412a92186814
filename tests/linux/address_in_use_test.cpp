// "Bad input": ports that other programs hold.

#include <cerrno>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "engine/linux/descriptor.hpp"
#include "linux/engine/peer.hpp"
#include "linux/linux_network_test.hpp"

namespace naru::test {
namespace {

class address_in_use : public linux_network_test {};

INSTANTIATE_TEST_SUITE_P(engines, address_in_use, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(address_in_use, R2_7_a_port_that_another_program_listens_on_is_refused) {
  const peer_listener other;
  EXPECT_EQ(error_of(server().bind(tcp, other.local())), std::errc::address_in_use);
  EXPECT_EQ(error_of(server().bind(tcp, endpoint::any_ipv4(other.local().port()))),
            std::errc::address_in_use);
}

TEST_P(address_in_use, R2_7_nobody_can_share_a_port_that_is_listened_on) {
  const endpoint where = listen();
  const engine::descriptor thief{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const int on = 1;
  ASSERT_EQ(::setsockopt(thief.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(where.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::bind(thief.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), -1);
  EXPECT_EQ(errno, EADDRINUSE);
}

TEST_P(address_in_use, R2_5_a_port_is_free_again_although_connections_of_it_are_in_TIME_WAIT) {
  const socket_id id = server().bind(tcp, environment_->bind_address()).value();
  ASSERT_TRUE(
      server().listen(id, at_server_.make_handlers({.connected = [](connection& self) { self.close(); }})));
  const endpoint where = server().local_endpoint(id).value();
  peer other = peer::connected_to(where);
  EXPECT_EQ(other.receive_end(), 0);
  other.close();
  ASSERT_TRUE(at_server_.closed());  // it ended first: TIME_WAIT is on this side
  ASSERT_TRUE(server().close(id));
  ASSERT_TRUE(at_server_.listener_closed(id));
  EXPECT_EQ(error_of(server().bind(tcp, where)), std::error_code{});
}

}  // namespace
}  // namespace naru::test
