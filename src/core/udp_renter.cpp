#include "core/udp_renter.hpp"

#include <utility>

#include "core/udp_socket.hpp"
#include "core/worker.hpp"

namespace naru::core {

udp_renter::udp_renter(udp_socket& lessor, std::shared_ptr<shell> of, standing first,
                       std::uint64_t hash) noexcept
    : table_member{hash},
      standing_{first},
      is_limited_{first == standing::probation},
      lessor_{lessor},
      shell_{std::move(of)},
      callbacks_{shell_->common().callbacks},
      last_heard_{lessor.at().now()} {
  shell_->set_socket(*this);
}

worker& udp_renter::at() const noexcept {
  return lessor_.at();
}

void udp_renter::handler_returned() noexcept {
  at().release_retired_handlers();
}

void udp_renter::greet() noexcept {
  call_handler("on_connected", [this](const handlers& of) {
    if (of.on_connected) of.on_connected(*shell_);
  });
}

void udp_renter::count_received(std::size_t bytes) noexcept {
  shell_->bytes_received.add(bytes);
  lessor_.at().counters().bytes_received.add(bytes);
}

void udp_renter::receive(const engine::arrival& datagram) noexcept {
  // Refused by whoever closed it in another thread, or in `on_connected`.
  if (!shell_->accepts_sends()) return;
  if (watch_ != nullptr && !is_let_in(datagram.bytes.size())) [[unlikely]] {
    count_ignored();
    return;
  }
  if (!shell_->receives() || datagram.bytes.size() > shell_->common().rules.max_body_bytes) [[unlikely]] {
    count_ignored();
    return;
  }
  strand* const there = elsewhere();
  if (there != nullptr && !deliver_elsewhere(*there, datagram.bytes)) [[unlikely]] {
    count_ignored();
    return;
  }
  shell_->messages_received.add(1);
  lessor_.at().counters().messages_received.add(1);
  if (there != nullptr) return;
  call_here("on_received", [&](const handlers& of) {
    if (of.on_received) of.on_received(*shell_, datagram.bytes);
  });
}

void udp_renter::run_task(handler_kind which, std::move_only_function<void(connection&)>& task) noexcept {
  if (cut_short_) return;  // nothing but on_closed comes after an abort
  if (elsewhere() != nullptr) {
    call_handler(which, [this, task = std::move(task)](const handlers&) mutable { task(*shell_); });
  } else {
    call_here(which, [&](const handlers&) { task(*shell_); });
  }
}

result<void> udp_renter::exchange_handlers(std::shared_ptr<const handlers> own) noexcept {
  if (!in_handler_) return std::unexpected{make_error_code(errc::not_in_handler)};
  at().retire_handlers(std::exchange(callbacks_, std::move(own)));
  return {};
}

void udp_renter::resolved(result<std::vector<endpoint>> addresses) noexcept {
  lessor_.resolved(std::move(addresses));
}

void udp_renter::receiving_changed() noexcept {
  // Later, since this may be a handler's call.
  if (elsewhere() != nullptr) lessor_.at().settle_later(*this);
}

void udp_renter::confirm() noexcept {
  lessor_.confirm(*this);
}

void udp_renter::note_error(std::error_code error) noexcept {
  lessor_.at().counters().errors.add(1);
  lessor_.at().settle_later(*this);
  rarities* const wrong = shell_->rare();
  if (wrong == nullptr) return;
  wrong->errors.fetch_add(1, std::memory_order_relaxed);
  wrong->untold = error;
}

void udp_renter::note_end(std::error_code error) noexcept {
  if (rarities* const wrong = shell_->rare()) wrong->end = error;
}

std::error_code udp_renter::end_error() const noexcept {
  const rarities* const wrong = shell_->known_rare();
  return wrong == nullptr ? std::error_code{} : wrong->end;
}

void udp_renter::tell_error() noexcept {
  const std::error_code error = std::exchange(shell_->rare()->untold, {});
  call_handler("on_error", [this, error](const handlers& of) {
    if (of.on_error) of.on_error(*shell_, error);
  });
}

void udp_renter::close() noexcept {
  begin_close({close_cause::local});
}

void udp_renter::fail(close_reason why) noexcept {
  if (strand* const there = elsewhere(); there != nullptr && why.cause == close_cause::memory) {
    there->drop_messages();
  }
  begin_close(why);
  // It may have been closing, and waited for room.
  cut_short_ = true;
  lose_queue();
  lessor_.at().settle_later(*this);
}

void udp_renter::stop(close_cause why) noexcept {
  begin_close({why});
}

void udp_renter::stop_now(close_cause why) noexcept {
  if (strand* const there = elsewhere()) there->drop_messages();
  fail({why});
}

bool udp_renter::came_through(const admission& listener) const noexcept {
  return lessor_.is_part_of(listener);
}

void udp_renter::begin_close(close_reason why) noexcept {
  lessor_.at().assert_here();
  if (is_closing()) return;
  shell_->begin_end(shell::ender::socket);
  const close_reason stands = shell_->reason_or(why);
  cause_ = stands.cause;
  if (stands.error) note_end(stands.error);
  lessor_.begin_end(*this);
  if (has_queued()) lessor_.wait_for_room(*this);  // and no longer for a tick
  lessor_.at().settle_later(*this);
}

void udp_renter::settle() noexcept {
  if (const rarities* const wrong = shell_->known_rare();
      wrong != nullptr && wrong->untold && !is_closing()) {
    tell_error();
  }
  if (has_queued()) lessor_.serve_waiting();
  if (watch_ != nullptr) [[unlikely]] {
    if (strand* const there = elsewhere()) there->resume();
    watch_queue();
  }
  if (!is_closing()) return;
  if (last_in_batch_ != not_in_batch) lessor_.push();
  // Nothing will take it off probation any more, so that what waits for that would wait in vain.
  if (has_queued()) {
    const std::size_t next = front().size();
    queue_.let_replace(shell_->known_rare());
    if (!may_send(next)) lose_queue();
  }
  if (cut_short_ || queue_.empty()) lessor_.end(*this);
}

void udp_renter::finish() noexcept {
  if (last_in_batch_ != not_in_batch) lessor_.push();
  lose_queue();
  cut_short_ = true;  // what other threads have sent just now, and `on_closed` lets in, comes too late
  base::intrusive_list<socket, unsettled_tag>::remove(*this);
  base::intrusive_list<udp_renter, waiting_tag>::remove(*this);
  if (strand* const there = elsewhere()) {
    if (standing_ != standing::leaving) lessor_.begin_to_leave(*this);
    there->close({cause_, end_error()});
  } else {
    tell_closed();
  }
}

void udp_renter::executor_done() noexcept {
  lessor_.at().assert_here();
  strand& there = *elsewhere();
  callbacks_ = there.callbacks();
  if (there.has_failed()) {
    tell_closed();
  } else {
    leave();
  }
}

void udp_renter::tell_closed() noexcept {
  call_here("on_closed", [this](const handlers& of) {
    if (of.on_closed) of.on_closed(*shell_, {cause_, end_error()});
  });
  leave();
}

void udp_renter::leave() noexcept {
  shell_->detach();
  worker& at = lessor_.at();
  at.counters().closed[static_cast<std::size_t>(cause_)].add(1);
  at.load().fetch_sub(1, std::memory_order_relaxed);
  lessor_.ended(*this);
}

}  // namespace naru::core
