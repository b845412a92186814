#include "core/remote_send.hpp"

#include <cstdlib>
#include <new>

#include "core/outgoing.hpp"
#include "core/profile.hpp"
#include "core/shell.hpp"
#include "core/socket.hpp"
#include "core/worker.hpp"

namespace naru::core {

remote_send* remote_send::make_with(std::weak_ptr<shell> to, std::size_t wire_bytes, content body,
                                    const profile& common, std::size_t inline_bytes) noexcept {
  base::memory_budget& budget = common.totals->memory;
  const std::size_t memory_bytes = sizeof(remote_send) + inline_bytes;
  if (!budget.try_take(memory_bytes)) return nullptr;
  void* const memory = std::malloc(memory_bytes);
  if (memory == nullptr) {
    budget.give_back(memory_bytes);
    return nullptr;
  }
  return ::new (memory) remote_send{std::move(to), wire_bytes, std::move(body),
                                    budget.is_limited() ? common.totals : nullptr, memory_bytes};
}

remote_send* remote_send::make(std::weak_ptr<shell> to, outgoing& message, const wrapping& around,
                               const profile& common) noexcept {
  const std::size_t wire_bytes = around.head_bytes + message.body_bytes() + around.tail_bytes;
  if (message.stays_in_place()) {
    remote_send* const made = make_with(std::move(to), wire_bytes, {}, common, 0);
    if (made == nullptr) return nullptr;
    auto large = message.take(common.totals->memory);
    if (large == nullptr) {
      made->free();
      return nullptr;
    }
    large->wrap_in(around);
    made->body_ = std::move(large);
    return made;
  }
  remote_send* const made = make_with(std::move(to), wire_bytes, {}, common, wire_bytes);
  if (made != nullptr) message.write_framed(reinterpret_cast<std::byte*>(made + 1), around);
  return made;
}

remote_send* remote_send::make(std::weak_ptr<shell> to, const message_ref& message, bytes_view wire,
                               const profile& common) noexcept {
  if (!message->count_in(common.totals)) return nullptr;
  return make_with(std::move(to), wire.size(), shared_bytes{.message = message, .wire = wire}, common, 0);
}

remote_send* remote_send::make_for_latest(std::weak_ptr<shell> to, const profile& common) noexcept {
  return make_with(std::move(to), 0, {}, common, 0);
}

bytes_view remote_send::bytes() const noexcept {
  return {reinterpret_cast<const std::byte*>(this + 1), wire_bytes_};
}

void remote_send::put_into(socket& to) noexcept {
  if (auto* const large = std::get_if<std::unique_ptr<large_message>>(&body_)) {
    to.queue(std::move(*large));
  } else if (auto* const shared = std::get_if<shared_bytes>(&body_)) {
    to.queue(shared->message, shared->wire);
  } else if (auto* const latest = std::get_if<latest_value*>(&body_)) {
    to.queue(**latest);
  } else if (std::byte* const place = to.queue(wire_bytes_)) {
    copy_to(place, bytes());
  }
  body_ = std::monostate{};
}

bool remote_send::deliver_early(worker& at) noexcept {
  if (const auto to = to_.lock()) {
    to->take_in(*this);
  } else {
    at.counters().messages_lost.add(1);
    free();
  }
  return true;
}

void remote_send::deliver(worker& at) noexcept {
  static_cast<void>(deliver_early(at));
}

void remote_send::discard() noexcept {
  if (const auto to = to_.lock()) {
    std::size_t wire_bytes = wire_bytes_;
    if (auto* const latest = std::get_if<latest_value*>(&body_)) {
      wire_bytes = to->known_rare()->latest.seal(**latest);
    }
    if (count_ != counts::not_at_all) to->release_from_afar(to->common().charge(wire_bytes), is_counted());
  }
  free();
}

void remote_send::free() noexcept {
  const std::shared_ptr<network_totals> counted_in = std::move(counted_in_);
  const std::size_t memory_bytes = memory_bytes_;
  if (auto* const latest = std::get_if<latest_value*>(&body_)) latest_box::free(**latest);
  this->~remote_send();
  std::free(this);
  if (counted_in != nullptr) counted_in->memory.give_back(memory_bytes);
}

}  // namespace naru::core
