#include "datagram_ledger.hpp"

namespace naru::program {

void datagram_ledger::sent(time_point due, time_point now) {
  entries_.push_back({.due = due, .sent = now});
  ++under_way_;
}

datagram_ledger::answer datagram_ledger::answered(std::uint64_t sequence) {
  if (sequence < first_) return {.is = lost_.erase(sequence) != 0 ? kind::late : kind::duplicate};
  if (sequence - first_ >= entries_.size()) return {.is = kind::unsent};
  auto& one = entries_[sequence - first_];
  if (one.is_answered) return {.is = kind::duplicate};
  const answer result{.is = kind::in_time, .reordered = sequence < next_expected_, .due = one.due};
  if (!result.reordered) next_expected_ = sequence + 1;
  one.is_answered = true;
  --under_way_;
  forget_answered();
  return result;
}

std::size_t datagram_ledger::give_up(time_point now) {
  std::size_t lost = 0;
  for (auto next = next_loss(); next && *next <= now; next = next_loss()) {
    lost_.insert(lost_.end(), first_);
    if (lost_.size() > lost_known_max) lost_.erase(lost_.begin());
    entries_.front().is_answered = true;
    --under_way_;
    ++lost;
    forget_answered();
  }
  return lost;
}

std::optional<datagram_ledger::time_point> datagram_ledger::next_loss() const noexcept {
  if (entries_.empty()) return std::nullopt;
  return entries_.front().sent + timeout_;
}

void datagram_ledger::forget_answered() {
  while (!entries_.empty() && entries_.front().is_answered) {
    entries_.pop_front();
    ++first_;
  }
}

}  // namespace naru::program
