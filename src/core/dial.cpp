#include "core/dial.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "core/attempt.hpp"
#include "core/tcp_socket.hpp"
#include "core/worker.hpp"

namespace naru::core {

dial::dial(worker& at, tcp_socket& owner, const engine::stream_options& options) noexcept
    : worker_{at},
      owner_{owner},
      options_{options},
      delay_{[](void* self) { static_cast<dial*>(self)->try_next(); }, this} {}

dial::~dial() {
  for (attempt* const one : under_way_) one->drop();
}

void dial::start(const std::vector<endpoint>& addresses) noexcept {
  try {
    addresses_ = in_turn_by_family(addresses);
    under_way_.reserve(addresses_.size());
  } catch (const std::bad_alloc&) {
    owner_.connect_failed(std::make_error_code(std::errc::not_enough_memory));
    return;
  }
  try_next();
}

void dial::try_next() noexcept {
  while (next_ < addresses_.size()) {
    const auto one = attempt::begin(worker_, *this, addresses_[next_++], options_);
    if (one) {
      under_way_.push_back(*one);  // reserved in start
      if (next_ < addresses_.size()) worker_.timers().arm(delay_, worker_.now() + attempt_delay);
      return;
    }
    last_error_ = one.error();
  }
  if (under_way_.empty()) owner_.connect_failed(last_error_);
}

void dial::forget(attempt& one) noexcept {
  std::erase(under_way_, &one);
}

void dial::lost(std::error_code error) noexcept {
  last_error_ = error;
  try_next();
}

void dial::won(engine::stream& stream) noexcept {
  owner_.connected(stream);
}

std::vector<endpoint> in_turn_by_family(const std::vector<endpoint>& addresses) {
  std::vector<endpoint> first;
  std::vector<endpoint> second;
  for (const endpoint& each : addresses) {
    (each.family() == addresses.front().family() ? first : second).push_back(each);
  }
  std::vector<endpoint> ordered;
  ordered.reserve(addresses.size());
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) ordered.push_back(first[i]);
    if (i < second.size()) ordered.push_back(second[i]);
  }
  return ordered;
}

}  // namespace naru::core
