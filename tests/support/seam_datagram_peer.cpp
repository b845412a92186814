#include "support/seam_datagram_peer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <naru/bytes.hpp>

#include "support/seam_call.hpp"

namespace naru::test {

seam_datagram_peer::~seam_datagram_peer() {
  EXPECT_TRUE(socket_ == nullptr || closed_) << "the socket still lives";
}

void seam_datagram_peer::pump() {
  if (!can_be_used()) return;
  while (!room_awaited_ && !outgoing_.empty()) {
    if (!send_once()) return;
  }
}

/// True when another may follow at once.
bool seam_datagram_peer::send_once() {
  std::size_t count = std::min(outgoing_.size(), engine::datagram_socket::departures_max);
  if (chance_() % 4 == 0) count = 1 + chance_() % count;
  const engine::datagrams_sent outcome = submit(count);
  using status = engine::datagrams_sent::status;
  const bool all = outcome.state == status::taken;
  EXPECT_EQ(outcome.state == status::failed, static_cast<bool>(outcome.error));
  EXPECT_TRUE(all ? outcome.count == count : outcome.count < count);
  outgoing_.erase(outgoing_.begin(),
                  std::next(outgoing_.begin(), static_cast<std::ptrdiff_t>(outcome.count)));
  if (outcome.state == status::failed) {
    refused_.push_back({.error = outcome.error, .text = std::move(outgoing_.front().text)});
    outgoing_.pop_front();
  }
  return all || outcome.state == status::failed;
}

/// In memory that is given up as soon as the call has returned: nothing of it may be referred to then.
engine::datagrams_sent seam_datagram_peer::submit(std::size_t count) {
  const std::vector<outgoing> copies{outgoing_.begin(),
                                     std::next(outgoing_.begin(), static_cast<std::ptrdiff_t>(count))};
  std::vector<engine::departure> batch;
  for (const outgoing& one : copies) {
    batch.push_back({.remote = one.remote ? &*one.remote : nullptr,
                     .local = one.local ? &*one.local : nullptr,
                     .bytes = as_bytes(one.text)});
  }
  return send_now(batch);
}

engine::datagrams_sent seam_datagram_peer::send_now(std::span<const engine::departure> batch) {
  const seam_call now;
  const engine::datagrams_sent outcome = socket_->send(batch);
  if (outcome.state == engine::datagrams_sent::status::waits) room_awaited_ = true;
  return outcome;
}

void seam_datagram_peer::close() {
  closing_ = true;
  const seam_call now;
  socket_->close();
}

std::vector<std::string> seam_datagram_peer::received_texts() const {
  std::vector<std::string> texts;
  for (const received_datagram& one : received_) texts.push_back(one.text);
  return texts;
}

void seam_datagram_peer::expect_event_is_due() const {
  EXPECT_FALSE(seam_call::under_way()) << "an event came from inside a call";
  EXPECT_FALSE(closing_) << "an event between close and on_closed";
}

void seam_datagram_peer::on_received(std::span<const engine::arrival> batch) {
  expect_event_is_due();
  EXPECT_FALSE(batch.empty());
  const std::size_t before = received_.size();
  for (const engine::arrival& one : batch) {
    EXPECT_NE(one.remote.port(), 0);
    received_.push_back({.remote = one.remote, .local = one.local, .text = std::string{as_text(one.bytes)}});
  }
  if (!when_received) return;
  // Copied, since the user may turn this peer into anything.
  const std::vector<received_datagram> news{std::next(received_.begin(), static_cast<std::ptrdiff_t>(before)),
                                            received_.end()};
  for (const received_datagram& one : news) when_received(*this, one);
}

void seam_datagram_peer::on_room() {
  expect_event_is_due();
  EXPECT_TRUE(std::exchange(room_awaited_, false)) << "on_room with nobody waiting";
}

void seam_datagram_peer::on_error(std::error_code error, const endpoint& remote) {
  expect_event_is_due();
  EXPECT_TRUE(error);
  errors_.push_back({.error = error, .remote = remote});
}

void seam_datagram_peer::on_lost(const engine::losses& more) {
  expect_event_is_due();
  EXPECT_GT(more.by_system + more.truncated, 0U);
  lost_.by_system += more.by_system;
  lost_.truncated += more.truncated;
}

void seam_datagram_peer::on_closed() {
  EXPECT_FALSE(seam_call::under_way()) << "an event came from inside a call";
  EXPECT_TRUE(closing_) << "on_closed without close";
  EXPECT_FALSE(std::exchange(closed_, true)) << "on_closed came twice";
}

}  // namespace naru::test
