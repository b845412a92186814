// Many connections at once, on several workers.

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

constexpr std::size_t crowd_size = 500;
constexpr int echoes_each = 20;

class crowd : public network_test {};

INSTANTIATE_TEST_SUITE_P(engines, crowd,
                         testing::Values(engine_under_test{
                             .name = "iocp",
                             .make = [] { return std::make_unique<engine_environment>(engine_kind::iocp); }}),
                         engine_name{});

TEST_P(crowd, five_hundred_at_once_get_each_twenty_echoes) {
  network& serving = start_network(3);
  network& calling = start_network(3);
  const endpoint where =
      listen(serving,
             {.on_received = [](connection& peer, bytes_view message) { EXPECT_TRUE(peer.send(message)); }});
  std::atomic<std::size_t> finished = 0;
  std::atomic<std::size_t> wrong = 0;
  event all_finished;
  std::vector<std::weak_ptr<connection>> all;
  for (std::size_t i = 0; i < crowd_size; ++i) {
    struct progress {
      int sent = 0;
    };
    auto own = std::make_shared<progress>();
    const auto say = [own, i](connection& self) {
      EXPECT_TRUE(self.send(std::to_string(i) + " says " + std::to_string(own->sent++)));
    };
    all.push_back(
        connect(calling, where,
                {.on_connected = say, .on_received = [&, own, say, i](connection& self, bytes_view message) {
                   const std::string due = std::to_string(i) + " says " + std::to_string(own->sent - 1);
                   if (as_text(message) != due) ++wrong;
                   if (own->sent < echoes_each) return say(self);
                   if (++finished == crowd_size) all_finished.set();
                 }}));
  }
  ASSERT_TRUE(all_finished.wait()) << finished << " have finished";
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(serving.stats().open, crowd_size);
  EXPECT_EQ(serving.stats().messages_received, crowd_size * echoes_each);
}

}  // namespace
}  // namespace naru::test
