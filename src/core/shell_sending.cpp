#include <optional>
#include <utility>

#include "core/remote_send.hpp"
#include "core/shell.hpp"
#include "core/worker.hpp"
#include "protocol/wrap.hpp"

namespace naru::core {

namespace {

std::error_code no_memory() noexcept {
  return std::make_error_code(std::errc::not_enough_memory);
}

}  // namespace

// Here, in every send's way, so that no call stands before it.
bool shell::is_at_hand() const noexcept {
  const worker* const here = worker::current();
  return here != nullptr && &here->mail() == mail_.get() && socket_ != nullptr;
}

result<void> shell::send_message(outgoing& message) noexcept {
  if (!accepts_sends()) return std::unexpected{make_error_code(errc::closed)};
  if (!is_at_hand()) return send_from_afar(message);
  // What another thread sent before it told this one is in the inbox, and goes first.
  worker::current()->take_in_mail();
  return socket_->send(message);
}

result<void> shell::send_shared(const message_ref& message) noexcept {
  if (!accepts_sends()) return std::unexpected{make_error_code(errc::closed)};
  if (is_at_hand()) {
    worker::current()->take_in_mail();
    return socket_->send(message);
  }
  const auto wire = message->framed(*common_);
  if (!wire) return std::unexpected{wire.error()};
  if (wire->empty() && !common_->is_udp()) return {};
  const std::size_t charge = common_->charge(wire->size());
  const bool counts = !makes_room_by_dropping();
  if (!reserve_from_afar(charge, counts)) return full();
  return post_letter(remote_send::make(weak_self(), message, *wire, *common_), charge, counts);
}

result<void> shell::send_from_afar(outgoing& message) noexcept {
  const auto around = protocol::wrap(common_->rules, message.pieces(), message.body_bytes());
  if (!around) return std::unexpected{around.error()};
  const std::size_t wire_bytes = around->head_bytes + message.body_bytes() + around->tail_bytes;
  if (wire_bytes == 0 && !common_->is_udp()) return {};  // nothing in a raw stream
  const std::size_t charge = common_->charge(wire_bytes);
  const bool counts = !makes_room_by_dropping();
  if (!reserve_from_afar(charge, counts)) return full();
  return post_letter(remote_send::make(weak_self(), message, *around, *common_), charge, counts);
}

result<void> shell::post_letter(remote_send* letter, std::size_t charge, bool counted) noexcept {
  if (letter == nullptr) {
    release_from_afar(charge, counted);
    return give_up(ender::no_memory, doorbell::no_memory, no_memory());
  }
  letter->set_counted(counted);
  if (mail_->push(*letter)) return {};
  letter->discard();
  return std::unexpected{make_error_code(errc::closed)};
}

bool shell::reserve_from_afar(std::size_t bytes, bool counts) noexcept {
  if (counts) return try_reserve(bytes);
  // The worker will make room by dropping what is oldest, which is not to be done here. What is on the way to
  // it counts for itself, and may be as much as the backlog.
  rarities* const in = rare();
  if (in == nullptr) return false;
  const std::size_t limit = common_->options.backlog_bytes_max;
  std::size_t before = in->in_transit_bytes.load(std::memory_order_relaxed);
  do {
    if (bytes > limit || before > limit - bytes) return false;
  } while (!in->in_transit_bytes.compare_exchange_weak(before, before + bytes, std::memory_order_relaxed));
  return true;
}

void shell::release_from_afar(std::size_t bytes, bool counted) noexcept {
  if (counted) {
    release(bytes, 1);
  } else {
    known_rare()->in_transit_bytes.fetch_sub(bytes, std::memory_order_relaxed);
  }
}

bool shell::try_reserve_message(std::size_t bytes) noexcept {
  rarities& in = *known_rare();
  if (in.too_old.load(std::memory_order_relaxed)) return false;
  const std::size_t limit = common_->options.backlog_messages_max;
  std::size_t before = in.messages.load(std::memory_order_relaxed);
  do {
    if (limit != 0 && before >= limit) return false;
  } while (!in.messages.compare_exchange_weak(before, before + 1, std::memory_order_relaxed));
  if (try_reserve_bytes(bytes)) return true;
  release_messages(1);
  return false;
}

void shell::release_messages(std::size_t messages) const noexcept {
  known_rare()->messages.fetch_sub(messages, std::memory_order_relaxed);
}

result<void> shell::full() noexcept {
  return give_up(ender::overflow, doorbell::overflow, make_error_code(errc::backlog_full));
}

result<void> shell::give_up(ender why, doorbell::request tell, std::error_code error) noexcept {
  if (why == ender::overflow) count_refused();
  // A gap between datagrams is nothing that a peer would not expect, and some streams allow one.
  const bool lives = common_->is_udp() ||
                     (why == ender::overflow && common_->options.when_backlog_full != backlog_policy::close);
  // Closed before the worker hears of it: whatever is sent after a message that was refused must not pass.
  if (!lives && begin_end(why)) bell_->ring(*mail_, tell);
  return std::unexpected{error};
}

result<void> shell::send_latest(std::uint64_t key, outgoing& message) noexcept {
  if (!accepts_sends()) return std::unexpected{make_error_code(errc::closed)};
  const bool at_hand = is_at_hand();
  if (at_hand) worker::current()->take_in_mail();
  const auto around = protocol::wrap(common_->rules, message.pieces(), message.body_bytes());
  if (!around) return std::unexpected{around.error()};
  const std::size_t wire_bytes = around->head_bytes + message.body_bytes() + around->tail_bytes;
  if (wire_bytes == 0 && !common_->is_udp()) return {};
  rarities* const in = rare();
  if (in == nullptr) return give_up(ender::no_memory, doorbell::no_memory, no_memory());
  // The worker, or another thread with the same key, may be in between each time: the value that was there
  // has left, or one has come.
  for (;;) {
    switch (replace_latest(*in, key, message, *around, wire_bytes)) {
      case replacement::done:
        in->replaced.fetch_add(1, std::memory_order_relaxed);
        common_->totals->messages_replaced.fetch_add(1, std::memory_order_relaxed);
        return {};
      case replacement::no_such:
        break;
      case replacement::no_room:
        return at_hand ? socket_->refuse() : full();
      case replacement::no_memory:
        return give_up(ender::no_memory, doorbell::no_memory, no_memory());
    }
    if (const auto added = add_latest(*in, key, message, *around, wire_bytes)) return *added;
  }
}

shell::replacement shell::replace_latest(rarities& in, std::uint64_t key, outgoing& message,
                                         const wrapping& around, std::size_t wire_bytes) noexcept {
  const std::size_t charge = common_->charge(wire_bytes);
  const base::mutex_lock hold{in.latest.mutex()};
  latest_value* const value = in.latest.find(key);
  if (value == nullptr) return replacement::no_such;
  const std::size_t before = common_->charge(value->size);
  if (charge > before && !try_reserve_bytes(charge - before)) return replacement::no_room;
  if (!in.latest.fit(*value, wire_bytes)) {
    if (charge > before) backlog_.fetch_sub(charge - before, std::memory_order_relaxed);
    return replacement::no_memory;
  }
  if (charge < before) backlog_.fetch_sub(before - charge, std::memory_order_relaxed);
  message.write_framed(value->bytes.get(), around);
  value->size = wire_bytes;
  value->renewed = true;
  return replacement::done;
}

std::optional<result<void>> shell::add_latest(rarities& in, std::uint64_t key, outgoing& message,
                                              const wrapping& around, std::size_t wire_bytes) noexcept {
  const std::size_t charge = common_->charge(wire_bytes);
  const bool at_hand = is_at_hand();
  if (at_hand) {
    if (!socket_->make_room(charge)) return socket_->refuse();
  } else if (!try_reserve(charge)) {
    return full();
  }
  remote_send* const letter = at_hand ? nullptr : remote_send::make_for_latest(weak_self(), *common_);
  latest_value* value = nullptr;
  bool exists = false;
  bool arrives = true;
  if (at_hand || letter != nullptr) {
    const base::mutex_lock hold{in.latest.mutex()};
    exists = in.latest.find(key) != nullptr;
    if (!exists) value = in.latest.add(key, wire_bytes);
    if (value != nullptr) {
      message.write_framed(value->bytes.get(), around);
      value->size = wire_bytes;
      // Before another thread can replace it: what that one sends next must not get in front of it.
      if (letter != nullptr) {
        letter->carry(*value);
        arrives = mail_->push(*letter);
      }
    }
  }
  if (value == nullptr) {
    if (letter != nullptr) letter->free();
    release(charge, 1);
    if (exists) return std::nullopt;
    return give_up(ender::no_memory, doorbell::no_memory, no_memory());
  }
  if (at_hand) {
    socket_->queue(*value);
  } else if (!arrives) {
    letter->discard();
    return std::unexpected{make_error_code(errc::closed)};
  }
  return result<void>{};
}

void shell::take_in(remote_send& message) noexcept {
  if (ended_ || (socket_ != nullptr && !message.is_counted() && !count_arrived(message))) {
    count_lost(worker::current()->counters(), ended_ ? 1 : 0);
    message.discard();
    return;
  }
  if (socket_ == nullptr) {
    message.next = early_last_ == nullptr ? &message : std::exchange(early_last_->next, &message);
    early_last_ = &message;
    return;
  }
  message.put_into(*socket_);
  message.free();
}

bool shell::count_arrived(remote_send& message) noexcept {
  const std::size_t charge = common_->charge(message.wire_bytes());
  release_from_afar(charge, false);
  message.set_counted(true);
  if (socket_->make_room(charge)) return true;
  message.forget_count();
  count_dropped(worker::current()->counters(), 1);
  return false;
}

letter* shell::take_early() noexcept {
  letter* const last = std::exchange(early_last_, nullptr);
  return last == nullptr ? nullptr : std::exchange(last->next, nullptr);
}

void shell::take_in_early_mail() noexcept {
  letter* each = take_early();
  while (each != nullptr) {
    auto& message = static_cast<remote_send&>(*each);
    each = each->next;
    take_in(message);
  }
}

}  // namespace naru::core
