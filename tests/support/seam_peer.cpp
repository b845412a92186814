#include "support/seam_peer.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <naru/bytes.hpp>

#include "support/seam_call.hpp"

namespace naru::test {

seam_peer::~seam_peer() {
  EXPECT_TRUE(stream_ == nullptr || closed_) << "the stream still lives";
}

void seam_peer::pump() {
  if (!can_be_used() || !is_connected()) return;
  // Sometimes it looks, sometimes it waits for the event. More than once would be turning in a circle: an
  // engine may answer that it is worth trying again without knowing that it is.
  if (pending_ && chance_() % 2 == 0) {
    const seam_call now;
    if (const auto finished = stream_->try_finish_send()) {
      pending_ = false;
      took(finished->bytes, finished->error);
    }
  }
  while (!pending_ && !send_error_ && sent_ < to_send_.size()) {
    if (!send_once()) return;
  }
  if (pending_ || send_error_ || !ends_ || std::exchange(ended_, true)) return;
  const seam_call now;
  stream_->shutdown_send();
}

/// One submission of up to four buffers, in memory that is given up as soon as the engine may not use it any
/// more. True when another may follow at once.
bool seam_peer::send_once() {
  const std::size_t left = std::min(to_send_.size() - sent_, engine::stream::send_bytes_max);
  const std::size_t size = 1 + chance_() % left;
  const auto bytes = std::as_bytes(std::span{to_send_}).subspan(sent_, size);
  submitted_.assign(bytes.begin(), bytes.end());
  std::array<bytes_view, 4> buffers;
  const std::size_t count = 1 + chance_() % buffers.size();
  bytes_view rest{submitted_};
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t part = i + 1 == count ? rest.size() : chance_() % (rest.size() + 1);
    buffers[i] = rest.first(part);
    rest = rest.subspan(part);
  }
  const engine::send_result outcome = [&] {
    const seam_call now;
    return stream_->send({buffers.data(), count});
  }();
  EXPECT_LE(outcome.bytes, size);
  using status = engine::send_result::status;
  if (outcome.state == status::pending) {
    EXPECT_LT(outcome.bytes, size) << "what is pending has a rest";
    pending_ = true;
    sent_ += outcome.bytes;
    return true;
  }
  EXPECT_EQ(outcome.state == status::failed, static_cast<bool>(outcome.error));
  EXPECT_TRUE(outcome.state != status::taken || outcome.bytes > 0);
  took(outcome.bytes, outcome.error);
  return outcome.state == status::taken;
}

void seam_peer::took(std::size_t bytes, std::error_code error) {
  EXPECT_LE(bytes, to_send_.size() - sent_);
  sent_ += bytes;
  send_error_ = error;
  submitted_ = {};
}

void seam_peer::resume() {
  paused_ = false;
  const seam_call now;
  stream_->resume_receiving();
}

void seam_peer::pause() {
  {
    const seam_call now;
    stream_->pause_receiving();
  }
  paused_ = true;
}

void seam_peer::close(engine::close_mode mode) {
  closing_ = true;
  const seam_call now;
  stream_->close(mode);
}

void seam_peer::hand_over_to(seam_peer& successor) {
  successor.stream_ = std::exchange(stream_, nullptr);
  const seam_call now;
  successor.stream_->set_events(successor);
}

void seam_peer::expect_event_is_due() {
  EXPECT_FALSE(seam_call::under_way()) << "an event came from inside a call";
  EXPECT_FALSE(closing_) << "an event between close and on_closed";
  EXPECT_TRUE(connected_) << "an event before on_connected";
  EXPECT_FALSE(connect_error_) << "an event after a connect that failed";
}

void seam_peer::on_connected(std::error_code error) {
  EXPECT_FALSE(std::exchange(connected_, true)) << "on_connected came twice";
  expect_event_is_due();
  connect_error_ = error;
}

void seam_peer::on_received(bytes_view bytes) {
  expect_event_is_due();
  EXPECT_FALSE(paused_) << "bytes during a pause";
  EXPECT_FALSE(receive_ended_) << "bytes after the end";
  EXPECT_FALSE(bytes.empty());
  received_ += as_text(bytes);
  if (when_received) when_received(*this, bytes);
}

void seam_peer::on_receive_ended(std::error_code error) {
  expect_event_is_due();
  EXPECT_FALSE(std::exchange(receive_ended_, true)) << "on_receive_ended came twice";
  receive_error_ = error;
}

void seam_peer::on_sent(std::size_t bytes, std::error_code error) {
  expect_event_is_due();
  EXPECT_TRUE(std::exchange(pending_, false)) << "on_sent with no send pending";
  took(bytes, error);
}

void seam_peer::on_closed() {
  EXPECT_FALSE(seam_call::under_way()) << "an event came from inside a call";
  EXPECT_TRUE(closing_) << "on_closed without close";
  EXPECT_FALSE(std::exchange(closed_, true)) << "on_closed came twice";
  submitted_ = {};
}

}  // namespace naru::test
