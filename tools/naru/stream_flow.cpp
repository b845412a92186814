#include "stream_flow.hpp"

namespace naru::program {

void stream_flow::note_sent(clock::time_point due, clock::time_point /*now*/) {
  sent_at_[sent() % plan().depth] = due;
}

void stream_flow::accept(bytes_view message, clock::time_point now) {
  const auto& pattern = plan().pattern;
  const auto claimed = pattern.claimed_sequence(message);
  if (claimed && *claimed != received_ && pattern.matches(message, number(), *claimed)) {
    if (*claimed < received_ || *claimed >= sent()) return tally().wrong.add(1);  // repeated, or made up
    tally().lost.add(*claimed - received_);  // it is right, so those before it were lost
    received_ = *claimed;
  }
  if (under_way() == 0) return tally().wrong.add(1);
  if (pattern.matches(message, number(), received_)) {
    tally().latencies.record(now - sent_at_[received_ % plan().depth]);
    tally().right.add(1);
  } else {
    tally().wrong.add(1);
  }
  ++received_;
}

}  // namespace naru::program
