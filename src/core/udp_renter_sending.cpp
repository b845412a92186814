#include <algorithm>

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
  if (!make_room(charge)) return refuse();
  std::byte* place = place_for(bytes);
  if (place == nullptr) return no_memory(charge);
  for (const bytes_view piece : message.pieces()) place = copy_to(place, piece);
  if (watch_ != nullptr) [[unlikely]]
    queued_watched();
  return {};
}

result<void> udp_renter::send(const message_ref& message) noexcept {
  lessor_.at().assert_here();
  const std::size_t bytes = message->bytes().size();
  if (bytes > shell_->common().rules.max_body_bytes) {
    return std::unexpected{make_error_code(errc::message_too_large)};
  }
  const std::size_t charge = shell_->common().charge(bytes);
  if (!make_room(charge)) return refuse();
  return put(message) ? result<void>{} : no_memory(charge);
}

result<void> udp_renter::no_memory(std::size_t charge) noexcept {
  shell_->release(charge, 1);
  return std::unexpected{std::make_error_code(std::errc::not_enough_memory)};
}

result<void> udp_renter::refuse() noexcept {
  shell_->count_refused();
  return std::unexpected{make_error_code(errc::backlog_full)};
}

bool udp_renter::make_room(std::size_t charge) noexcept {
  if (shell_->try_reserve(charge)) [[likely]]
    return true;
  // What was gathered may be all that is in the way.
  if (last_in_batch_ != not_in_batch) lessor_.push();
  if (watch_ != nullptr) flush_waiting();
  const connection_options& options = shell_->common().options;
  if (options.when_backlog_full == backlog_policy::drop_oldest && charge <= options.backlog_bytes_max) {
    while (!queue_.empty()) {
      if (shell_->try_reserve(charge)) return true;
      drop_oldest();
    }
  }
  return shell_->try_reserve(charge);
}

void udp_renter::queue(std::unique_ptr<large_message> message) noexcept {
  if (std::byte* const place = queue(message->filled)) copy_to(place, message->body);
}

std::byte* udp_renter::queue(std::size_t bytes) noexcept {
  lessor_.at().assert_here();
  std::byte* const place = still_sends() ? place_for(bytes) : nullptr;
  if (place == nullptr) lose(bytes);
  if (watch_ != nullptr) lessor_.at().settle_later(*this);
  return place;
}

void udp_renter::queue(const message_ref& message, bytes_view wire) noexcept {
  lessor_.at().assert_here();
  if (!still_sends() || !put(message)) lose(wire.size());
}

void udp_renter::queue(latest_value& value) noexcept {
  latest_box& box = shell_->known_rare()->latest;
  // It has to wait, to be replaced; when it need not, it leaves when the turn ends.
  if (still_sends() && queue_.push_back(value, lessor_.at().queues())) {
    queued();
    return;
  }
  lose(box.seal(value));
  latest_box::free(value);
}

bool udp_renter::put(const message_ref& message) noexcept {
  if (queue_.empty() && may_send(message->bytes().size()) && !waits_for_tick()) [[likely]] {
    if (lessor_.gather(*this, message)) {
      count_limited(message->bytes().size());
      if (watch_ != nullptr) queued_watched();
      return true;
    }
  }
  if (!message->count_in(shell_->common().totals) || !queue_.push_back(message, lessor_.at().queues())) {
    return false;
  }
  queued();
  return true;
}

void udp_renter::queued() noexcept {
  shell_->backlog_messages.add(1);
  if (watch_ != nullptr) queued_watched();
  if (may_send(front().size())) lessor_.wait_for_room(*this);
  queue_.let_replace(shell_->known_rare());
}

void udp_renter::lose(std::size_t bytes) noexcept {
  shell_->release(shell_->common().charge(bytes), 1);
  shell_->count_lost(lessor_.at().counters(), 1);
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
  if (queue_.empty() && may_send(bytes) && !waits_for_tick()) [[likely]] {
    if (std::byte* const place = lessor_.gather(*this, bytes)) {
      count_limited(bytes);
      return place;
    }
  }
  std::byte* const place = queue_.push_back(bytes, lessor_.at().queues());
  if (place != nullptr) queued();
  return place;
}

bool udp_renter::serve_queue(std::size_t datagrams_max) noexcept {
  for (std::size_t served = 0; served < datagrams_max && !queue_.empty(); ++served) {
    if (waits_for_tick()) return false;
    const bytes_view next = front();
    const message_ref* const shared = queue_.front_shared();
    bool gathered = false;
    if (!may_send(next.size())) {
      queue_.let_replace(shell_->known_rare());
      return false;
    }
    if (shared != nullptr) {
      gathered = lessor_.gather(*this, *shared);
    } else if (std::byte* const place = lessor_.gather(*this, next.size())) {
      copy_to(place, next);
      gathered = true;
    }
    if (!gathered) {
      queue_.let_replace(shell_->known_rare());
      return true;
    }
    count_limited(next.size());
    pop_front();
  }
  return !queue_.empty();
}

void udp_renter::departed(std::size_t bytes) noexcept {
  worker_counters& counters = lessor_.at().counters();
  shell_->release(shell_->common().charge(bytes), 1);
  shell_->bytes_sent.add(bytes);
  shell_->messages_sent.add(1);
  counters.bytes_sent.add(bytes);
  counters.messages_sent.add(1);
  if (watch_ != nullptr && watch_->is_set(watch::deadline::stall)) [[unlikely]] {
    watch_->set(watch::deadline::stall, lessor_.at().now() + shell_->common().options.write_stall_timeout);
  }
  if (is_closing() || watch_ != nullptr) [[unlikely]]
    lessor_.at().settle_later(*this);  // perhaps it was the last one
}

void udp_renter::not_sent(std::size_t bytes, std::error_code error) noexcept {
  shell_->release(shell_->common().charge(bytes), 1);
  count_dropped();
  note_error(error);
}

void udp_renter::keep(bytes_view datagram) noexcept {
  if (is_limited_) {
    limited_sent_bytes_ -= static_cast<std::uint32_t>(datagram.size());
    if (datagram.empty() && limited_sent_empty_ < UINT8_MAX) --limited_sent_empty_;
  }
  std::byte* const place = queue_.push_front(datagram.size(), lessor_.at().queues());
  if (place == nullptr) {
    not_sent(datagram.size(), std::make_error_code(std::errc::not_enough_memory));
    return;
  }
  copy_to(place, datagram);
  shell_->backlog_messages.add(1);
  lessor_.wait_for_room(*this);
}

void udp_renter::pop_front() noexcept {
  shell_->backlog_messages.subtract(1);
  queue_.pop_front(lessor_.at().queues());
}

void udp_renter::drop_oldest() noexcept {
  shell_->release(shell_->common().charge(front().size()), 1);
  pop_front();
  count_dropped();
}

void udp_renter::lose_queue() noexcept {
  if (queue_.empty()) return;
  if (!end_error()) note_end(std::make_error_code(std::errc::timed_out));
  while (!queue_.empty()) {
    lose(front().size());
    pop_front();
  }
}

void udp_renter::count_dropped() noexcept {
  shell_->count_dropped(lessor_.at().counters(), 1);
}

void udp_renter::count_ignored() noexcept {
  lessor_.at().counters().datagrams_ignored.add(1);
  if (rarities* const wrong = shell_->rare()) wrong->ignored.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace naru::core
