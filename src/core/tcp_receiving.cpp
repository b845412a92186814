#include "core/tcp_socket.hpp"

namespace naru::core {

void tcp_socket::on_received(bytes_view bytes) {
  worker_.assert_here();
  if (closing_ || !shell_->accepts_sends()) {
    discard(bytes.size());
    return;
  }
  shell_->bytes_received.add(bytes.size());
  worker_.counters().bytes_received.add(bytes.size());
  if (watch_ != nullptr) [[unlikely]] {
    received_watched(bytes);
  } else {
    const protocol::feed_result fed = assembler_.feed(
        shell_->common().rules, bytes, [this](bytes_view message) noexcept { return deliver(message); });
    if (fed.state != protocol::feed_result::verdict::all_taken) [[unlikely]]
      look_at(fed);
  }
  settle();
}

protocol::after_message tcp_socket::deliver(bytes_view message) noexcept {
  shell_->messages_received.add(1);
  worker_.counters().messages_received.add(1);
  call_here("on_received", [&](const handlers& of) {
    if (of.on_received) of.on_received(*shell_, message);
  });
  if (!shell_->accepts_sends()) return protocol::after_message::close;
  return shell_->receives() ? protocol::after_message::go_on : protocol::after_message::pause;
}

void tcp_socket::look_at(const protocol::feed_result& fed) noexcept {
  switch (fed.state) {
    case protocol::feed_result::verdict::all_taken:
    case protocol::feed_result::verdict::stopped:
      return;
    case protocol::feed_result::verdict::too_large:
      log(log_level::warning, "the peer sends a message of " + std::to_string(fed.announced_bytes) +
                                  " bytes, max_message_bytes is " +
                                  std::to_string(shell_->common().options.max_message_bytes));
      fail({close_cause::message_too_large, make_error_code(errc::message_too_large)});
      return;
    case protocol::feed_result::verdict::malformed:
      log(log_level::warning, "what the peer sent is not framed as agreed");
      fail({close_cause::protocol});
      return;
    case protocol::feed_result::verdict::no_memory:
      lack_memory();
      return;
  }
}

void tcp_socket::lack_memory() noexcept {
  fail({close_cause::memory, std::make_error_code(std::errc::not_enough_memory)});
}

void tcp_socket::receiving_changed() noexcept {
  if (phase_ != phase::open || closing_) return;
  if (!shell_->receives()) {
    resume_wanted_ = false;
    stream_->pause_receiving();
  } else {
    // Later, since this may be a handler's call, and what was held back goes to the same handler.
    resume_wanted_ = true;
    worker_.settle_later(*this);
  }
}

void tcp_socket::go_on_receiving() noexcept {
  resume_wanted_ = false;
  if (strand* const there = elsewhere()) there->resume();
  if (phase_ != phase::open || closing_ || !may_read()) return;
  if (assembler_.is_paused()) {
    const auto to_handler = [this](bytes_view message) noexcept {
      return watch_ == nullptr ? deliver(message) : deliver_watched(message);
    };
    look_at(assembler_.resume(shell_->common().rules, protocol::deliver_ref{to_handler}));
    if (phase_ != phase::open || closing_) return;
  }
  if (watch_ != nullptr) time_anew();
  if (assembler_.is_paused()) return;
  if (receive_ended_) {
    peer_ended();
  } else {
    stream_->resume_receiving();
  }
}

void tcp_socket::discard(std::size_t bytes) noexcept {
  if (phase_ != phase::draining) return;
  drained_bytes_ += bytes;
  if (drained_bytes_ > shell_->common().options.linger_bytes_max) end(engine::close_mode::orderly);
}

void tcp_socket::on_receive_ended(std::error_code error) {
  worker_.assert_here();
  receive_ended_ = true;
  if (phase_ == phase::draining) {
    end(engine::close_mode::orderly);
  } else if (error) {
    fail({cause_of(error), error});
  } else if (!closing_ && !assembler_.is_paused()) {
    peer_ended();
  }
  if (phase_ != phase::ending) settle();
}

void tcp_socket::peer_ended() noexcept {
  const bool cut_short = assembler_.is_mid_message();
  if (shell_->common().options.half_open && !cut_short) {
    const auto tell = [this](const handlers& of) {
      if (of.on_peer_ended) of.on_peer_ended(*shell_);
    };
    call_handler("on_peer_ended", tell, strand::kind::peer_ended);
  } else {
    begin_close(
        {close_cause::peer, cut_short ? make_error_code(errc::message_truncated) : std::error_code{}});
  }
}

}  // namespace naru::core
