#include "load_flow.hpp"

namespace naru::program {

void load_flow::on_connected(connection& peer, load_tally& tally) {
  weak_ = peer.weak_from_this();
  tally_ = &tally;
}

void load_flow::on_received(connection& peer, bytes_view message) {
  if (tally_ == nullptr) return;  // meant for whoever had this port before us
  const auto now = clock::now();
  accept(message, now);
  finish_if_settled();
  fill_at(peer, now);
}

void load_flow::on_unheard() {
  if (tally_ != nullptr) tally_->unheard.add(1);
}

void load_flow::fill(connection& peer) {
  poked_.exchange(false);  // before the clock is read: a message due later finds it false and pokes again
  const auto now = clock::now();
  give_up(now);
  finish_if_settled();
  fill_at(peer, now);
}

void load_flow::fill_at(connection& peer, clock::time_point now) {
  while (!settling_ && under_way() < plan_.depth) {
    // The latency of a message that was due earlier, and had to wait for answers, counts from when it was
    // due: otherwise a slow server would be asked less, and seem fast.
    const auto intended = plan_.rate ? plan_.due(number_, sent_) : now;
    if (intended > now || (plan_.rate && intended >= plan_.start + plan_.duration)) return;
    if (!plan_.pattern.send(peer, number_, sent_)) {
      tally_->refused.add(1);
      return peer.abort();
    }
    note_sent(intended, now);
    ++sent_;
    tally_->sent.add(1);
  }
}

void load_flow::settle() {
  settling_ = true;
  finish_if_settled();
}

void load_flow::on_closed(bool locally) {
  if (finished_ || tally_ == nullptr) return;
  tally_->lost.add(under_way());
  if (!locally) tally_->closed_early.add(1);
  finish();
}

void load_flow::finish_if_settled() {
  if (settling_ && under_way() == 0) finish();
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
