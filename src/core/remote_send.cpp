#include "core/remote_send.hpp"

#include <cstdlib>
#include <new>

#include "core/outgoing.hpp"
#include "core/shell.hpp"

namespace naru::core {

remote_send* remote_send::make(std::weak_ptr<shell> to, outgoing& message, const wrapping& around) noexcept {
  const std::size_t wire_bytes = around.head_bytes + message.body_bytes() + around.tail_bytes;
  const bool in_place = message.stays_in_place();
  void* const memory = std::malloc(sizeof(remote_send) + (in_place ? 0 : wire_bytes));
  if (memory == nullptr) return nullptr;
  std::unique_ptr<large_message> large;
  if (in_place) {
    large = message.take();
    if (large == nullptr) {
      std::free(memory);
      return nullptr;
    }
    large->wrap_in(around);
  }
  auto* const made = ::new (memory) remote_send{std::move(to), wire_bytes, std::move(large)};
  if (!in_place) {
    auto* place = reinterpret_cast<std::byte*>(made + 1);
    place = copy_to(place, bytes_view{around.head}.first(around.head_bytes));
    for (const bytes_view piece : message.pieces()) place = copy_to(place, piece);
    copy_to(place, bytes_view{around.tail}.first(around.tail_bytes));
  }
  return made;
}

bytes_view remote_send::bytes() const noexcept {
  return {reinterpret_cast<const std::byte*>(this + 1), wire_bytes_};
}

bool remote_send::deliver_early(worker&) noexcept {
  if (const auto to = to_.lock()) {
    to->take_in(*this);
  } else {
    free();
  }
  return true;
}

void remote_send::deliver(worker& at) noexcept {
  static_cast<void>(deliver_early(at));
}

void remote_send::discard() noexcept {
  if (const auto to = to_.lock()) to->release(to->common().charge(wire_bytes_));
  free();
}

void remote_send::free() noexcept {
  this->~remote_send();
  std::free(this);
}

}  // namespace naru::core
