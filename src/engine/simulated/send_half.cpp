#include "engine/simulated/send_half.hpp"

#include <algorithm>

#include "engine/simulated/contract.hpp"

namespace naru::engine::simulated {

namespace {

using status = send_result::status;

/// Checks what the seam says about a submission, and answers how many bytes it is.
[[nodiscard]] std::size_t require_submission(std::span<const bytes_view> buffers) noexcept {
  require(!buffers.empty() && buffers.size() <= stream::send_buffers_max,
          "a send has from one to send_buffers_max buffers");
  std::size_t total = 0;
  for (const bytes_view buffer : buffers) total += buffer.size();
  require(total <= stream::send_bytes_max, "a send has at most send_bytes_max bytes");
  return total;
}

}  // namespace

std::size_t send_half::room(const link& to) const noexcept {
  return std::min(to.room(own_), context_.manners.send_bytes_max);
}

send_result send_half::send(link& to, std::span<const bytes_view> buffers) {
  require(!pending(), "nothing is sent while a send is pending");
  require(!shut_down_, "nothing is sent after shutdown_send");
  require(!failed_, "nothing is sent after a send has failed");
  const std::size_t total = require_submission(buffers);

  std::error_code error = context_.fault(operation::send);
  if (!error && to.is_reset(own_)) error = std::make_error_code(std::errc::connection_reset);
  if (error) {
    failed_ = true;
    return {.state = status::failed, .error = error};
  }
  if (total == 0) return {};

  const hostility& manners = context_.manners;
  error_ = context_.fault(operation::send_completion);
  const std::size_t possible = std::min(total, room(to));
  const bool refuse = !error_ && context_.chance.happens(manners.send_no_room_percent);
  const bool defer = error_ || (!refuse && context_.chance.happens(manners.send_pending_percent));
  const bool cut_short = context_.chance.happens(manners.send_short_percent);
  std::size_t taken = possible;
  if (defer) taken = 0;
  if (cut_short) taken = context_.chance.between(0, possible);
  if ((refuse || defer) && taken == total) --taken;

  to.write(own_, gather(buffers, 0, taken));
  if (refuse) return {.state = status::no_room, .bytes = taken};
  if (taken == total || (!defer && cut_short && taken > 0)) return {.state = status::taken, .bytes = taken};
  in_flight_.begin(buffers, taken);
  over_ = static_cast<bool>(error_);
  delay_polls_ = over_ ? context_.delay(manners.completion_delay_polls_max) : 0;
  return {.state = status::pending, .bytes = taken};
}

void send_half::shutdown(link& to) {
  require(!pending(), "shutdown_send does not come while a send is pending");
  require(!shut_down_, "shutdown_send comes once");
  shut_down_ = true;
  if (!to.is_reset(own_)) to.shutdown(own_);
}

bool send_half::advance(link& to) {
  if (!pending()) return false;
  if (over_) {
    if (delay_polls_ > 0) --delay_polls_;
    return delay_polls_ > 0;
  }
  if (to.is_reset(own_)) {
    error_ = std::make_error_code(std::errc::connection_reset);
    over_ = true;
  } else if (room(to) > 0) {
    take_some(to);
  } else {
    return false;
  }
  if (over_) delay_polls_ = context_.delay(context_.manners.completion_delay_polls_max);
  return !ready();
}

/// Takes what there is room for, and perhaps calls it a day before everything is taken: a completion may be
/// short, and even empty.
void send_half::take_some(link& to) {
  std::size_t count = std::min(room(to), in_flight_.remaining());
  const bool cut_short = context_.chance.happens(context_.manners.send_short_percent);
  if (cut_short) count = context_.chance.between(0, count);
  to.write(own_, in_flight_.take(count));
  over_ = in_flight_.remaining() == 0 || !cut_short || context_.chance.happens(50);
}

stream::finished_send send_half::finish() noexcept {
  const stream::finished_send outcome{.bytes = in_flight_.taken(), .error = error_};
  in_flight_.finish();
  failed_ = static_cast<bool>(error_);
  over_ = false;
  error_ = {};
  return outcome;
}

}  // namespace naru::engine::simulated
