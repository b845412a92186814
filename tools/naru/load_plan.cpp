#include "load_plan.hpp"

namespace naru::program {

namespace {

constexpr std::uint64_t nanoseconds_a_second = 1'000'000'000;

}  // namespace

// Both keep whole seconds apart, so that no product passes 64 bits, and agree to the nanosecond. Only a plan
// that has a rate is asked. NOLINTBEGIN(bugprone-unchecked-optional-access)

load_plan::clock::time_point load_plan::due(std::size_t flow, std::uint64_t sequence) const noexcept {
  const auto turn = sequence * flows + flow;
  const auto within_second = turn % *rate * nanoseconds_a_second / *rate;
  return start + std::chrono::seconds{turn / *rate} + std::chrono::nanoseconds{within_second};
}

std::uint64_t load_plan::due_within(std::chrono::nanoseconds elapsed) const noexcept {
  const auto time = static_cast<std::uint64_t>(elapsed.count());
  const auto within_second = time % nanoseconds_a_second * *rate;
  return time / nanoseconds_a_second * *rate +
         (within_second + nanoseconds_a_second - 1) / nanoseconds_a_second;
}

// NOLINTEND(bugprone-unchecked-optional-access)

}  // namespace naru::program
