#include "engine/simulated/datagram_errors.hpp"

#include <algorithm>

namespace naru::engine::simulated {

namespace {

constexpr std::size_t waiting_max = 64;

}  // namespace

void datagram_errors::add(std::error_code error, const endpoint& remote) {
  if (waiting_.size() == waiting_max) return;
  const unsigned delay = context_.delay(context_.manners.completion_delay_polls_max);
  waiting_.push_back({.error = error, .remote = remote, .delay_polls = delay});
}

bool datagram_errors::advance() noexcept {
  if (waiting_.empty() || waiting_.front().delay_polls == 0) return false;
  --waiting_.front().delay_polls;
  return true;
}

std::size_t datagram_errors::ready() const noexcept {
  const auto first_late =
      std::ranges::find_if(waiting_, [](const entry& one) { return one.delay_polls > 0; });
  return static_cast<std::size_t>(first_late - waiting_.begin());
}

datagram_errors::entry datagram_errors::take() {
  const entry first = waiting_.front();
  waiting_.pop_front();
  return first;
}

}  // namespace naru::engine::simulated
