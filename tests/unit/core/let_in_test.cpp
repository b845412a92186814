#include <cstddef>
#include <memory>

#include <gtest/gtest.h>

#include "core/admission.hpp"
#include "core/crew.hpp"
#include "engine/simulated/simulated_platform.hpp"
#include "engine/simulated/world.hpp"

namespace naru::core {
namespace {

/// A listener of a network whose memory has a limit, without the network.
class listener_with_memory {
 public:
  static constexpr std::size_t memory_max = std::size_t{1} << 20;

  explicit listener_with_memory(const admission_options& limits)
      : gate_{std::make_shared<admission>(limits, protocol::hash_key{1, 2})},
        log_{[](log_level, std::string_view) {}, log_level::off},
        team_{std::make_shared<engine::simulated::simulated_platform>(
                  std::make_shared<engine::simulated::world>()),
              log_, memory_max} {
    EXPECT_FALSE(team_.start(1, true, {}, nullptr));
    handlers own;
    own.on_accepting = [this](const endpoint&) {
      ++asked_;
      return true;
    };
    common_ = std::make_shared<const profile>(
        tcp, connection_options{}, std::make_shared<const handlers>(std::move(own)), team_.totals());
  }
  listener_with_memory(const listener_with_memory&) = delete;
  listener_with_memory& operator=(const listener_with_memory&) = delete;
  ~listener_with_memory() {
    team_.send_stop({});
    team_.finish();
  }

  [[nodiscard]] bool lets_in() {
    return let_in(team_.polled(), *gate_, *common_, endpoint::parse("192.0.2.1:1000").value());
  }
  [[nodiscard]] refusal_stats refused() const { return team_.stats().refused; }
  [[nodiscard]] base::memory_budget& memory() { return team_.totals()->memory; }
  [[nodiscard]] int asked() const { return asked_; }

 private:
  std::shared_ptr<admission> gate_;
  logger log_;
  crew team_;
  std::shared_ptr<const profile> common_;
  int asked_ = 0;
};

TEST(LetIn, RefusesWhereMemoryIsTightAndAsksNobody) {
  listener_with_memory listener{{.connections_per_address_max = 1}};
  ASSERT_TRUE(listener.memory().try_take(listener_with_memory::memory_max));
  EXPECT_FALSE(listener.lets_in());
  EXPECT_FALSE(listener.lets_in());
  EXPECT_EQ(listener.refused().by_memory, 2U);
  EXPECT_EQ(listener.refused().by_address, 0U);
  EXPECT_EQ(listener.asked(), 0);
  listener.memory().give_back(listener_with_memory::memory_max);
  EXPECT_TRUE(listener.lets_in()) << "its address was not counted";
  EXPECT_EQ(listener.asked(), 1);
  EXPECT_FALSE(listener.lets_in());
  EXPECT_EQ(listener.refused().by_address, 1U);
}

}  // namespace
}  // namespace naru::core
