#include "core/message_body.hpp"

#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/assert.hpp"
#include "core/outgoing.hpp"
#include "core/profile.hpp"
#include "protocol/wrap.hpp"

namespace naru::core {

message_body* message_body::make(std::span<const bytes_view> pieces) noexcept {
  static_assert(alignof(message_body) <= alignof(std::max_align_t));
  std::size_t size = 0;
  for (const bytes_view piece : pieces) size += piece.size();
  void* const memory = std::malloc(sizeof(message_body) + headroom_bytes + size);
  if (memory == nullptr) return nullptr;
  auto* const made = ::new (memory) message_body{size};
  auto* place = reinterpret_cast<std::byte*>(made + 1) + headroom_bytes;
  auto length = static_cast<std::uint32_t>(size);
  if constexpr (std::endian::native == std::endian::little) length = std::byteswap(length);
  std::memcpy(place - prefix_bytes, &length, prefix_bytes);
  for (const bytes_view piece : pieces) place = copy_to(place, piece);
  return made;
}

message_body::~message_body() = default;

void message_body::destroy() noexcept {
  if (counted_.load(std::memory_order_acquire)) {
    const base::mutex_lock hold{mutex_};
    counted_in_->memory.give_back(memory_bytes());
  }
  this->~message_body();
  std::free(this);
}

std::size_t message_body::memory_bytes() const noexcept {
  return sizeof(message_body) + headroom_bytes + size_;
}

result<bytes_view> message_body::framed(const profile& like) noexcept {
  const protocol::frame_rules& rules = like.rules;
  if (rules.is_prefix_only()) {
    if (size_ > rules.max_body_bytes) return std::unexpected{make_error_code(errc::message_too_large)};
    const bytes_view body = bytes();
    if (rules.prefix_bytes == 0) return body;
    const bool is_big_endian = rules.prefix_swapped == (std::endian::native == std::endian::little);
    if (rules.prefix_bytes == prefix_bytes && is_big_endian) {
      return bytes_view{body.data() - prefix_bytes, body.size() + prefix_bytes};
    }
  }
  return other_frame(like);
}

result<bytes_view> message_body::other_frame(const profile& like) noexcept {
  const protocol::frame_rules& rules = like.rules;
  const base::mutex_lock hold{mutex_};
  for (const frame* each = frames_.get(); each != nullptr; each = each->next.get()) {
    const protocol::frame_rules& known = each->rules;
    if (known.kind == rules.kind && known.prefix_bytes == rules.prefix_bytes &&
        known.prefix_swapped == rules.prefix_swapped && known.own == rules.own) {
      if (size_ > rules.max_body_bytes) return std::unexpected{make_error_code(errc::message_too_large)};
      return bytes_view{each->bytes.get(), each->size};
    }
  }
  const bytes_view body = bytes();
  const auto around = protocol::wrap(rules, std::span{&body, 1}, size_);
  if (!around) return std::unexpected{around.error()};
  std::unique_ptr<frame> made{new (std::nothrow) frame};
  const std::size_t wire_bytes = around->head_bytes + size_ + around->tail_bytes;
  if (made != nullptr) made->bytes.reset(new (std::nothrow) std::byte[wire_bytes]);
  if (made == nullptr || made->bytes == nullptr) {
    return std::unexpected{std::make_error_code(std::errc::not_enough_memory)};
  }
  std::byte* place = copy_to(made->bytes.get(), bytes_view{around->head}.first(around->head_bytes));
  place = copy_to(place, body);
  copy_to(place, bytes_view{around->tail}.first(around->tail_bytes));
  made->size = wire_bytes;
  made->rules = rules;
  made->own = like.options.frames.own();
  made->next = std::move(frames_);
  frames_ = std::move(made);
  return bytes_view{frames_->bytes.get(), frames_->size};
}

bool message_body::count_in(const std::shared_ptr<network_totals>& totals) noexcept {
  if (!totals->memory.is_limited() || counted_.load(std::memory_order_acquire)) return true;
  const base::mutex_lock hold{mutex_};
  if (counted_in_ != nullptr) return true;
  if (!totals->memory.try_take(memory_bytes())) return false;
  counted_in_ = totals;
  counted_.store(true, std::memory_order_release);
  return true;
}

}  // namespace naru::core
