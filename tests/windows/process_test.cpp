// R2.1: what the process needs once is done with the first network that starts, and undone with the last.

#include <memory>

#include <gtest/gtest.h>

#include <naru/naru.hpp>

#include "engine/windows/windows_headers.hpp"

namespace naru::test {
namespace {

bool winsock_works() {
  const SOCKET socket = ::socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  if (socket == INVALID_SOCKET) return false;
  ::closesocket(socket);
  return true;
}

TEST(process, winsock_is_there_for_as_long_as_a_network_needs_it) {
  ASSERT_FALSE(winsock_works()) << "somebody else has started it";
  auto first = std::make_unique<network>(network_options{.workers = 1});
  auto second = std::make_unique<network>(network_options{.workers = 1});
  ASSERT_TRUE(first->start());
  EXPECT_TRUE(winsock_works());
  ASSERT_TRUE(second->start());
  ASSERT_TRUE(first->stop());
  first.reset();
  EXPECT_TRUE(winsock_works()) << "the second one still needs it";
  EXPECT_TRUE(second->bind(tcp, "127.0.0.1:0"));
  ASSERT_TRUE(second->stop());
  second.reset();
  EXPECT_FALSE(winsock_works());
}

TEST(process, only_its_own_engine_is_there) {
  network here{{.workers = 1, .engine = engine_kind::iocp}};
  EXPECT_TRUE(here.start());
  network elsewhere{{.workers = 1, .engine = engine_kind::epoll}};
  EXPECT_EQ(elsewhere.start().error(), errc::engine_unavailable);
}

}  // namespace
}  // namespace naru::test
