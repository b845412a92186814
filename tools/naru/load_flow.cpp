#include "load_flow.hpp"

namespace naru::program {

namespace {

constexpr std::uint64_t nanoseconds_a_second = 1'000'000'000;

}  // namespace

// Both keep whole seconds apart, so that no product passes 64 bits, and agree to the nanosecond. Only a plan
// that has a rate is asked. NOLINTBEGIN(bugprone-unchecked-optional-access)

load_plan::clock::time_point load_plan::due(std::size_t flow, std::uint64_t sequence) const noexcept {
  const auto turn = sequence * flows + flow;
  const auto within_second = turn % *rate * nanoseconds_a_second / *rate;
  return start + std::chrono::seconds{turn / *rate} + std::chrono::nanoseconds{within_second};
}

std::uint64_t load_plan::due_within(std::chrono::nanoseconds elapsed) const noexcept {
  const auto time = static_cast<std::uint64_t>(elapsed.count());
  const auto within_second = time % nanoseconds_a_second * *rate;
  return time / nanoseconds_a_second * *rate +
         (within_second + nanoseconds_a_second - 1) / nanoseconds_a_second;
}

// NOLINTEND(bugprone-unchecked-optional-access)

void load_flow::on_connected(connection& peer, load_tally& tally) {
  weak_ = peer.weak_from_this();
  tally_ = &tally;
  sent_at_.resize(plan_.depth);
}

void load_flow::on_received(connection& peer, bytes_view message) {
  const auto now = clock::now();
  accept(message, now);
  fill_at(peer, now);
}

void load_flow::accept(bytes_view message, clock::time_point now) {
  const auto claimed = plan_.pattern.claimed_sequence(message);
  if (claimed && *claimed != received_ && plan_.pattern.matches(message, number_, *claimed)) {
    if (*claimed < received_ || *claimed >= sent_) return tally_->wrong.add(1);  // repeated, or made up
    tally_->lost.add(*claimed - received_);  // it is right, so those before it were lost
    received_ = *claimed;
  }
  if (under_way() == 0) return tally_->wrong.add(1);
  if (plan_.pattern.matches(message, number_, received_)) {
    tally_->latencies.record(now - sent_at_[received_ % plan_.depth]);
    tally_->right.add(1);
  } else {
    tally_->wrong.add(1);
  }
  ++received_;
  if (settling_ && under_way() == 0) finish();
}

void load_flow::fill(connection& peer) {
  poked_.exchange(false);  // before the clock is read: a message due later finds it false and pokes again
  fill_at(peer, clock::now());
}

void load_flow::fill_at(connection& peer, clock::time_point now) {
  while (!settling_ && under_way() < plan_.depth) {
    // The latency of a message that was due earlier, and had to wait for answers, counts from when it was
    // due: otherwise a slow server would be asked less, and seem fast.
    const auto intended = plan_.rate ? plan_.due(number_, sent_) : now;
    if (intended > now || (plan_.rate && intended >= plan_.start + plan_.duration)) return;
    sent_at_[sent_ % plan_.depth] = intended;
    if (!plan_.pattern.send(peer, number_, sent_)) {
      tally_->refused.add(1);
      return peer.abort();
    }
    ++sent_;
    tally_->sent.add(1);
  }
}

void load_flow::settle() {
  settling_ = true;
  if (under_way() == 0) finish();
}

void load_flow::on_closed(bool locally) {
  if (finished_ || tally_ == nullptr) return;
  tally_->lost.add(under_way());
  if (!locally) tally_->closed_early.add(1);
  finish();
}

void load_flow::finish() {
  if (finished_) return;
  finished_ = true;
  plan_.unfinished.count_down();
}

void load_flow::poke() {
  if (poked_.exchange(true)) return;
  if (const auto peer = weak_.lock()) peer->post([this](connection& own) { fill(own); });
}

}  // namespace naru::program
