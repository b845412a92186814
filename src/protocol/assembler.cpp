#include "protocol/assembler.hpp"

#include <algorithm>
#include <utility>

#include "protocol/cut.hpp"

namespace naru::protocol {

namespace {

using enum feed_result::verdict;

/// Where a message ends is found by looking: so much more of it is taken at once as is there already, which
/// keeps both the number of looks and the bytes taken in vain in proportion. [worker]
std::size_t bytes_to_next_look(std::size_t held_bytes, std::size_t wanted_bytes) noexcept {
  if (wanted_bytes > held_bytes) return wanted_bytes - held_bytes;
  return std::max(held_bytes, held_bytes::first_bytes);
}

/// [worker]
bool is_failure(const cut& found) noexcept {
  return found.state == cut::status::too_large || found.state == cut::status::malformed;
}

/// [worker]
bytes_view message_of(bytes_view frame, const cut& found) noexcept {
  return frame.subspan(found.head_bytes, found.body_bytes);
}

}  // namespace

feed_result assembler::finish_split(const frame_rules& rules, bytes_view& received, deliver_ref deliver) {
  if (state_ == state::ended) return {.state = stopped};
  if (state_ == state::paused) return stop(received, after_message::pause);

  while (state_ == state::split && !received.empty()) {
    const std::size_t before = held_.view().size();
    const std::size_t step = std::min(received.size(), bytes_to_next_look(before, wanted_bytes_));
    if (!held_.append(received.first(step), wanted_bytes_, budget_)) return fail(no_memory);
    if (before + step < wanted_bytes_) {
      received = {};
      break;
    }

    const bytes_view held = held_.view();
    const cut found = cut_first(rules, held, seen_bytes_);
    if (is_failure(found)) return fail(found);
    if (found.state == cut::status::incomplete) {
      received = received.subspan(step);
      seen_bytes_ = held.size();
      wanted_bytes_ = found.wanted_bytes;
      continue;
    }

    // The message leaves this object before it is delivered, so that its memory goes with this scope, also
    // when a handler throws. A codec that had to look ahead may have held bytes behind it.
    const held_bytes message = std::exchange(held_, {});
    state_ = state::between;
    if (found.frame_bytes >= before) {
      received = received.subspan(found.frame_bytes - before);
    } else {
      if (!held_.append(held.subspan(found.frame_bytes, before - found.frame_bytes), 0, budget_))
        return fail(no_memory);
      state_ = state::split;
      seen_bytes_ = 0;
      wanted_bytes_ = 0;
    }
    const after_message wish = deliver(message_of(held, found));
    if (wish != after_message::go_on) return stop(received, wish);
  }
  return {};
}

feed_result assembler::deliver_run(const frame_rules& rules, bytes_view received, deliver_ref deliver) {
  while (!received.empty()) {
    const cut found = cut_first(rules, received, 0);
    if (is_failure(found)) return fail(found);
    if (found.state == cut::status::incomplete) {
      if (!held_.append(received, found.wanted_bytes, budget_)) return fail(no_memory);
      state_ = state::split;
      seen_bytes_ = received.size();
      wanted_bytes_ = found.wanted_bytes;
      break;
    }
    const bytes_view message = message_of(received, found);
    received = received.subspan(found.frame_bytes);
    const after_message wish = deliver(message);
    if (wish != after_message::go_on) return stop(received, wish);
  }
  return {};
}

feed_result assembler::resume(const frame_rules& rules, deliver_ref deliver) {
  if (state_ == state::ended) return {.state = stopped};
  if (state_ != state::paused) return {};

  while (!held_.empty()) {
    const bytes_view held = held_.view();
    const cut found = cut_first(rules, held, 0);
    if (is_failure(found)) return fail(found);
    if (found.state == cut::status::incomplete) {
      state_ = state::split;
      seen_bytes_ = held.size();
      wanted_bytes_ = found.wanted_bytes;
      // What is held may be the end of a large run: a split message must not keep memory for all of it.
      held_.fit();
      return {};
    }
    held_.drop_front(found.frame_bytes);
    const after_message wish = deliver(message_of(held, found));
    if (wish == after_message::close) return stop({}, wish);
    if (wish == after_message::pause) {
      held_.fit();
      return {.state = stopped};
    }
  }
  held_.clear();
  state_ = state::between;
  return {};
}

feed_result assembler::stop(bytes_view rest, after_message wish) noexcept {
  if (wish == after_message::close) {
    end();
  } else {
    if (!held_.append(rest, 0, budget_)) return fail(no_memory);
    state_ = state::paused;
  }
  return {.state = stopped};
}

feed_result assembler::fail(feed_result::verdict verdict, std::size_t announced_bytes) noexcept {
  end();
  return {.state = verdict, .announced_bytes = announced_bytes};
}

feed_result assembler::fail(const cut& bad) noexcept {
  if (bad.state == cut::status::too_large) return fail(too_large, bad.body_bytes);
  return fail(malformed);
}

void assembler::end() noexcept {
  held_.clear();
  state_ = state::ended;
}

}  // namespace naru::protocol
