#include "engine/simulated/simulated_stream.hpp"

#include <utility>

namespace naru::engine::simulated {

simulated_stream::simulated_stream(engine_context& context, const endpoint& remote, stream_events& events)
    : simulated_socket{context},
      events_{&events},
      remote_{remote},
      own_{side::client},
      send_{context, own_},
      receive_{context, own_},
      stage_{stage::connecting} {}

simulated_stream::simulated_stream(engine_context& context, std::shared_ptr<link> accepted,
                                   const endpoint& remote, stream_events& events)
    : simulated_socket{context},
      events_{&events},
      link_{std::move(accepted)},
      remote_{remote},
      own_{side::server},
      send_{context, own_},
      receive_{context, own_},
      stage_{stage::connected} {}

void simulated_stream::require_open() const noexcept {
  context_.require_worker();
  require(stage_ != stage::closing, "a stream that was closed is not used");
}

void simulated_stream::require_connected() const noexcept {
  require_open();
  require(stage_ == stage::connected, "nothing is sent before on_connected, nor after it told an error");
}

void simulated_stream::set_events(stream_events& events) noexcept {
  context_.require_worker();
  events_ = &events;
}

send_result simulated_stream::send(std::span<const bytes_view> buffers) noexcept {
  require_connected();
  const base::mutex_lock lock{context_.system.mutex};
  return send_.send(*link_, buffers);
}

std::optional<stream::finished_send> simulated_stream::try_finish_send() noexcept {
  require_open();
  if (!send_.pending()) return std::nullopt;
  const base::mutex_lock lock{context_.system.mutex};
  // An engine whose completions cannot be looked for answers nothing here, always or sometimes.
  if (context_.chance.happens(context_.manners.send_pending_percent / 2)) return std::nullopt;
  send_.advance(*link_);
  if (!send_.ready()) return std::nullopt;
  return send_.finish();
}

void simulated_stream::resume_receiving() noexcept {
  require_open();
  receive_.resume();
}

void simulated_stream::pause_receiving() noexcept {
  require_open();
  const base::mutex_lock lock{context_.system.mutex};
  receive_.pause(link_.get());
}

void simulated_stream::shutdown_send() noexcept {
  require_connected();
  const base::mutex_lock lock{context_.system.mutex};
  send_.shutdown(*link_);
}

void simulated_stream::close(close_mode mode) noexcept {
  require_open();
  stage_ = stage::closing;
  close_mode_ = mode;
  delay_polls_ = context_.delay(context_.manners.close_delay_polls_max);
}

endpoint simulated_stream::local_endpoint() const noexcept {
  context_.require_worker();
  return link_ != nullptr ? link_->address(own_) : endpoint{};
}

bool simulated_stream::advance(std::vector<report>& to_tell) {
  if (stage_ == stage::connecting) return advance_connecting(to_tell);
  if (stage_ == stage::closing) return advance_closing(to_tell);
  if (stage_ == stage::failed) return false;
  bool restless = send_.advance(*link_);
  restless |= receive_.advance(*link_);
  if (receive_.ready_to_hand_out()) to_tell.push_back({this, news::received});
  if (receive_.ready_to_end()) to_tell.push_back({this, news::receive_ended});
  if (send_.ready()) to_tell.push_back({this, news::sent});
  return restless;
}

bool simulated_stream::advance_connecting(std::vector<report>& to_tell) {
  if (!connect_answered_) {
    connect_error_ = context_.fault(operation::connect_completion);
    if (!connect_error_) {
      auto attempt = context_.system.connect(remote_, context_.manners.pipe_bytes);
      if (attempt && *attempt == nullptr) return false;
      if (attempt) {
        link_ = *std::move(attempt);
        link_->attach(own_, context_.wake_up);
      } else {
        connect_error_ = attempt.error();
      }
    }
    connect_answered_ = true;
    delay_polls_ = context_.delay(context_.manners.connect_delay_polls_max);
  } else if (delay_polls_ > 0) {
    --delay_polls_;
  }
  if (delay_polls_ > 0) return true;
  to_tell.push_back({this, news::connected});
  return false;
}

/// Until a system has cancelled a pending send, it may still take bytes of it.
bool simulated_stream::advance_closing(std::vector<report>& to_tell) {
  if (delay_polls_ > 0) {
    --delay_polls_;
    if (link_ != nullptr) send_.advance(*link_);
    return true;
  }
  if (link_ != nullptr) link_->close(own_, close_mode_);
  context_.system.uncount_socket();
  to_tell.push_back({this, news::closed});
  return false;
}

void simulated_stream::tell(news what) {
  if (what == news::closed) return tell_closed();
  if (stage_ == stage::closing) return;  // closed by an event that was told before this one
  if (what == news::connected) return tell_connected();
  if (what == news::received) return receive_.hand_out(*events_);
  if (what == news::receive_ended) return receive_.tell_end(*events_);
  if (!send_.ready()) return;  // try_finish_send was faster
  const finished_send outcome = send_.finish();
  events_->on_sent(outcome.bytes, outcome.error);
}

void simulated_stream::tell_connected() {
  stage_ = connect_error_ ? stage::failed : stage::connected;
  if (stage_ == stage::connected) remote_ = link_->address(other(own_));
  events_->on_connected(connect_error_);
}

void simulated_stream::tell_closed() {
  send_.abandon();
  events_->on_closed();
}

}  // namespace naru::engine::simulated
