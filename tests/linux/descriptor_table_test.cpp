// "Bad input": EMFILE at accept. Guarantee 5: a full descriptor table disturbs nobody who is already there.

#include <chrono>
#include <optional>

#include "linux/crowd.hpp"
#include "linux/engine/child.hpp"
#include "linux/engine/peer.hpp"
#include "linux/linux_network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class descriptor_table : public linux_network_test {};

INSTANTIATE_TEST_SUITE_P(engines, descriptor_table, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(descriptor_table, R2_7_a_full_one_is_waited_out_without_spinning_and_accepting_goes_on_soon_after) {
  crowd others;  // before any thread
  const endpoint where = listen_and_echo();
  peer bystander = peer::connected_to(where);
  ASSERT_TRUE(at_server_.connected());
  std::optional<descriptor_limit> limit{20};
  ASSERT_TRUE(others.connect(where, 60));
  ASSERT_TRUE(eventually([this] { return server().stats().accept_failures > 0; }));

  EXPECT_LE(idle_percent(), 1.0);
  bystander.send(framed("still served"));
  EXPECT_EQ(bystander.receive(4 + 12), framed("still served"));
  EXPECT_TRUE(
      eventually([this] { return log_.has(log_level::warning, "") || log_.has(log_level::error, ""); }));

  const std::size_t before = server().stats().accepted;
  const auto begin = std::chrono::steady_clock::now();
  limit.reset();
  ASSERT_TRUE(others.connect(where, 1));
  ASSERT_TRUE(eventually([&] { return server().stats().accepted > before; }));
  EXPECT_LE(std::chrono::steady_clock::now() - begin, 100ms);
}

TEST_P(descriptor_table, R2_6_a_connect_without_a_descriptor_answers) {
  const endpoint where = listen();
  (void)client();
  const descriptor_limit limit{0};
  connect(where);
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::connect_failed);
  EXPECT_EQ(at_client_.at().closed->error, std::errc::too_many_files_open);
}

TEST_P(descriptor_table, R2_7_a_bind_and_a_start_without_a_descriptor_say_so) {
  (void)server();
  network& other = add_network({.workers = 1});
  {
    const descriptor_limit limit{0};
    EXPECT_EQ(error_of(server().bind(tcp, "127.0.0.1:0")), std::errc::too_many_files_open);
    EXPECT_EQ(error_of(other.start()), std::errc::too_many_files_open);
    EXPECT_FALSE(other.is_running());
  }
  EXPECT_TRUE(server().bind(tcp, "127.0.0.1:0"));
  EXPECT_TRUE(other.start());
}

}  // namespace
}  // namespace naru::test
