#include "engine/simulated/receive_half.hpp"

#include <algorithm>

#include "engine/simulated/scratch.hpp"

namespace naru::engine::simulated {

void receive_half::pause(link* from) {
  const bool under_way = !paused_ && !end_ && kept_.size() < context_.manners.receives_ahead_max;
  if (from != nullptr && under_way && from->readable(own_) > 0) take_portion(*from);
  paused_ = true;
}

void receive_half::take_portion(link& from) {
  const hostility& manners = context_.manners;
  std::size_t count = std::min(from.readable(own_), manners.receive_bytes_max);
  if (manners.receive_any_size) count = context_.chance.between(1, count);
  kept_.push_back(
      {.bytes = from.read(own_, count), .delay_polls = context_.delay(manners.completion_delay_polls_max)});
}

void receive_half::take_what_there_is(link& from) {
  while (kept_.size() < context_.manners.receives_ahead_max && from.readable(own_) > 0) take_portion(from);
  std::error_code error = context_.fault(operation::receive);
  if (!error && from.is_reset(own_)) error = std::make_error_code(std::errc::connection_reset);
  if (error || from.at_end(own_)) {
    end_ = stream_end{.error = error,
                      .delay_polls = context_.delay(context_.manners.completion_delay_polls_max)};
  }
}

bool receive_half::advance(link& from) {
  if (paused_ || end_told_) return false;
  if (!end_) take_what_there_is(from);
  unsigned nothing = 0;
  unsigned& delay = !kept_.empty() ? kept_.front().delay_polls : end_ ? end_->delay_polls : nothing;
  if (delay == 0) return false;
  --delay;
  return true;
}

bool receive_half::ready_to_hand_out() const noexcept {
  return !paused_ && !kept_.empty() && kept_.front().delay_polls == 0;
}

bool receive_half::ready_to_end() const noexcept {
  return !paused_ && !end_told_ && kept_.empty() && end_ && end_->delay_polls == 0;
}

void receive_half::hand_out(stream_events& events) {
  if (!ready_to_hand_out()) return;
  const scratch memory{kept_.front().bytes, context_.chance};
  kept_.pop_front();
  events.on_received(memory.bytes());
}

void receive_half::tell_end(stream_events& events) {
  if (!end_ || !ready_to_end()) return;
  end_told_ = true;
  events.on_receive_ended(end_->error);
}

}  // namespace naru::engine::simulated
