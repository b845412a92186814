#include <array>

#include "core/packed_segment.hpp"
#include "core/send_queue.hpp"

namespace naru::core {

std::size_t send_queue::drop_oldest(std::uint32_t age_min_ms) noexcept {
  std::size_t locked = locked_bytes_;
  segment* before = nullptr;
  for (segment* each = first_; each != nullptr; before = each, each = each->next) {
    if (each->kind == segment::storage::packed && static_cast<packed_segment*>(each)->messages > 1) {
      auto& packed = static_cast<packed_segment&>(*each);
      const std::size_t waiting = packed.waiting_bytes();
      const std::size_t dropped =
          locked >= waiting ? 0 : packed.drop_oldest(locked, supply_.now_ms(), age_min_ms);
      if (dropped == packed_segment::too_young) return 0;
      if (dropped != 0) {
        bytes_ -= dropped;
        --messages_;
        if (packed.waiting_bytes() == 0) unlink(before, *each);
        return dropped;
      }
      locked -= locked >= waiting ? waiting : locked;
      continue;
    }
    const bool is_whole = each->sent == 0 && locked == 0;
    if (!is_whole) {
      const std::size_t waiting = waiting_bytes(*each);
      locked -= locked >= waiting ? waiting : locked;
      continue;
    }
    if (supply_.now_ms() - time_of(*each) < age_min_ms) {
      if (each->kind == segment::storage::latest) continue;  // renewed: what stands behind it may be older
      return 0;
    }
    return drop_whole(before, *each);
  }
  return 0;
}

std::size_t send_queue::drop_whole(segment* before, segment& one) noexcept {
  std::size_t dropped = 0;
  if (one.kind == segment::storage::latest && !static_cast<latest_value&>(one).sealed) {
    dropped = box_->seal(static_cast<latest_value&>(one));
  } else {
    dropped = waiting_bytes(one);
    bytes_ -= dropped;
  }
  --messages_;
  unlink(before, one);
  return dropped;
}

std::uint32_t send_queue::time_of(segment& one) noexcept {
  if (one.kind == segment::storage::packed) return static_cast<packed_segment&>(one).oldest_ms();
  if (one.kind == segment::storage::latest && box_->was_renewed(static_cast<latest_value&>(one))) {
    one.queued_at_ms = supply_.now_ms();
  }
  return one.queued_at_ms;
}

std::optional<std::uint32_t> send_queue::oldest_ms() noexcept {
  if (first_ == nullptr) return std::nullopt;
  segment* each = first_;
  std::uint32_t oldest = time_of(*each);
  // A value that was renewed is younger than what stands behind it.
  while (each->kind == segment::storage::latest && each->next != nullptr) {
    each = each->next;
    const std::uint32_t time = time_of(*each);
    if (static_cast<std::int32_t>(time - oldest) < 0) oldest = time;
  }
  return oldest;
}

void send_queue::unseal() noexcept {
  std::array<latest_value*, engine::stream::send_buffers_max> all = {};
  std::size_t count = 0;
  segment* each = first_;
  for (std::uint32_t i = 0; i < gathered_segments_ && each != nullptr; ++i, each = each->next) {
    if (each->kind != segment::storage::latest || count == all.size()) continue;
    auto& value = static_cast<latest_value&>(*each);
    if (value.sealed && value.sent == 0) all[count++] = &value;
  }
  // The newest first: where there are several of one key, only that one may be replaced.
  while (count > 0) {
    if (latest_value& value = *all[--count]; box_->unseal(value)) bytes_ -= value.filled;
  }
}

}  // namespace naru::core
