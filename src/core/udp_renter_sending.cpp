#include <algorithm>

#include "core/large_message.hpp"
#include "core/outgoing.hpp"
#include "core/udp_renter.hpp"
#include "core/udp_socket.hpp"
#include "core/worker.hpp"

namespace naru::core {

result<void> udp_renter::send(outgoing& message) noexcept {
  lessor_.at().assert_here();
  const std::size_t bytes = message.body_bytes();
  if (bytes > shell_->common().rules.max_body_bytes) {
    return std::unexpected{make_error_code(errc::message_too_large)};
  }
  const std::size_t charge = shell_->common().charge(bytes);
  if (!reserve(charge)) {
    shell_->count_refused();
    return std::unexpected{make_error_code(errc::backlog_full)};
  }
  std::byte* place = place_for(bytes);
  if (place == nullptr) {
    shell_->release(charge);
    return std::unexpected{std::make_error_code(std::errc::not_enough_memory)};
  }
  for (const bytes_view piece : message.pieces()) place = copy_to(place, piece);
  return {};
}

bool udp_renter::reserve(std::size_t bytes) noexcept {
  if (shell_->try_reserve(bytes)) [[likely]]
    return true;
  // What was gathered may be all that is in the way.
  if (last_in_batch_ != not_in_batch) lessor_.push();
  if (shell_->common().options.when_backlog_full == backlog_policy::drop_oldest) {
    while (!queue_.empty()) {
      if (shell_->try_reserve(bytes)) return true;
      drop_oldest();
    }
  }
  return shell_->try_reserve(bytes);
}

void udp_renter::queue(std::unique_ptr<large_message> message) noexcept {
  if (std::byte* const place = queue(message->filled)) copy_to(place, message->body);
}

std::byte* udp_renter::queue(std::size_t bytes) noexcept {
  lessor_.at().assert_here();
  const std::size_t charge = shell_->common().charge(bytes);
  const connection_options& options = shell_->common().options;
  if (options.when_backlog_full == backlog_policy::drop_oldest) {
    if (last_in_batch_ != not_in_batch && shell_->reserved() > options.backlog_bytes_max) lessor_.push();
    while (shell_->reserved() > options.backlog_bytes_max && !queue_.empty()) drop_oldest();
  }
  std::byte* const place = still_sends() ? place_for(bytes) : nullptr;
  if (place == nullptr) {
    shell_->release(charge);
    count_dropped();
  }
  return place;
}

bool udp_renter::may_send(std::size_t bytes) const noexcept {
  if (!is_limited_) [[likely]]
    return true;
  const std::uint64_t factor = lessor_.amplification_max();
  if (factor == 0) return true;
  if (bytes != 0) return limited_sent_bytes_ + bytes <= factor * shell_->bytes_received.read();
  // Their headers travel too.
  return limited_sent_empty_ < std::min<std::uint64_t>(factor, UINT8_MAX);
}

void udp_renter::count_limited(std::size_t bytes) noexcept {
  if (!is_limited_) [[likely]]
    return;
  limited_sent_bytes_ += static_cast<std::uint32_t>(bytes);
  if (bytes == 0 && limited_sent_empty_ < UINT8_MAX) ++limited_sent_empty_;
}

std::byte* udp_renter::place_for(std::size_t bytes) noexcept {
  if (queue_.empty() && may_send(bytes)) [[likely]] {
    if (std::byte* const place = lessor_.gather(*this, bytes)) {
      count_limited(bytes);
      return place;
    }
  }
  std::byte* const place = queue_.push_back(bytes);
  if (place != nullptr && may_send(bytes)) lessor_.wait_for_room(*this);
  return place;
}

bool udp_renter::serve_queue(std::size_t datagrams_max) noexcept {
  for (std::size_t served = 0; served < datagrams_max && !queue_.empty(); ++served) {
    const bytes_view next = queue_.front();
    if (!may_send(next.size())) return false;
    std::byte* const place = lessor_.gather(*this, next.size());
    if (place == nullptr) return true;
    copy_to(place, next);
    queue_.pop_front();
    count_limited(next.size());
  }
  return !queue_.empty();
}

void udp_renter::departed(std::size_t bytes) noexcept {
  worker_counters& counters = lessor_.at().counters();
  shell_->release(shell_->common().charge(bytes));
  shell_->bytes_sent.add(bytes);
  shell_->messages_sent.add(1);
  counters.bytes_sent.add(bytes);
  counters.messages_sent.add(1);
  if (is_closing()) [[unlikely]]
    lessor_.at().settle_later(*this);  // perhaps it was the last one
}

void udp_renter::not_sent(std::size_t bytes, std::error_code error) noexcept {
  shell_->release(shell_->common().charge(bytes));
  count_dropped();
  note_error(error);
}

void udp_renter::keep(bytes_view datagram) noexcept {
  if (is_limited_) {
    limited_sent_bytes_ -= static_cast<std::uint32_t>(datagram.size());
    if (datagram.empty() && limited_sent_empty_ < UINT8_MAX) --limited_sent_empty_;
  }
  std::byte* const place = queue_.push_front(datagram.size());
  if (place == nullptr) {
    not_sent(datagram.size(), std::make_error_code(std::errc::not_enough_memory));
    return;
  }
  copy_to(place, datagram);
  lessor_.wait_for_room(*this);
}

void udp_renter::drop_oldest() noexcept {
  shell_->release(shell_->common().charge(queue_.front().size()));
  queue_.pop_front();
  count_dropped();
}

void udp_renter::drop_queue() noexcept {
  while (!queue_.empty()) drop_oldest();
}

void udp_renter::count_dropped() noexcept {
  lessor_.at().counters().messages_dropped.add(1);
  if (mishaps* const wrong = shell_->trouble()) wrong->dropped.fetch_add(1, std::memory_order_relaxed);
}

void udp_renter::count_ignored() noexcept {
  lessor_.at().counters().datagrams_ignored.add(1);
  if (mishaps* const wrong = shell_->trouble()) wrong->ignored.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace naru::core
