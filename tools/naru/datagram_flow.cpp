#include "datagram_flow.hpp"

namespace naru::program {

bool datagram_flow::waits_in_vain(clock::time_point now) const noexcept {
  return next_loss_.load(std::memory_order_relaxed) <= now;
}

void datagram_flow::note_sent(clock::time_point due, clock::time_point now) {
  ledger_.sent(due, now);
  show_next_loss();
}

void datagram_flow::accept(bytes_view message, clock::time_point now) {
  give_up(now);  // an answer that comes too late is late, also where nobody has looked at the clock yet
  const auto claimed = plan().pattern.claimed_sequence(message);
  if (!claimed || !plan().pattern.matches(message, number(), *claimed)) return tally().wrong.add(1);
  const auto answer = ledger_.answered(*claimed);
  switch (answer.is) {
    case datagram_ledger::kind::in_time:
      tally().latencies.record(now - answer.due);
      tally().right.add(1);
      if (answer.reordered) tally().reordered.add(1);
      break;
    case datagram_ledger::kind::late:
      tally().late_answers.add(1);
      break;
    case datagram_ledger::kind::duplicate:
      tally().duplicates.add(1);
      break;
    case datagram_ledger::kind::unsent:
      tally().wrong.add(1);
      break;
  }
  show_next_loss();
}

void datagram_flow::give_up(clock::time_point now) {
  if (const auto lost = ledger_.give_up(now); lost != 0) tally().lost.add(lost);
  show_next_loss();
}

void datagram_flow::show_next_loss() {
  next_loss_.store(ledger_.next_loss().value_or(never), std::memory_order_relaxed);
}

}  // namespace naru::program
