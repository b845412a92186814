#pragma once

#include <memory>

#include "base/assert.hpp"
#include "base/intrusive_list.hpp"

namespace naru::engine {

struct turn_tag;

/// A socket of an engine, as whoever gives turns sees it. [worker]
class source : public base::list_node<turn_tag> {
 public:
  source(const source&) = delete;
  source& operator=(const source&) = delete;
  virtual ~source() = default;

  /// Goes on where its last share ended, or tells what could not be told inside a call. May close any source
  /// of the engine, this one too.
  virtual void take_turn() = 0;
  /// The last call before the source is destroyed.
  virtual void tell_closed() = 0;

 protected:
  source() = default;
};

/// The sources of one engine that are to be called without anything coming from the system: for a turn in the
/// next poll, or for their end. [worker]
class source_turns {
 public:
  using list = base::intrusive_list<source, turn_tag>;

  source_turns() = default;
  source_turns(const source_turns&) = delete;
  source_turns& operator=(const source_turns&) = delete;
  ~source_turns() { NARU_ASSERT(!any(), "an engine is destroyed when nothing of it is open"); }

  /// There is something to be done, for which nobody will wake the poll.
  [[nodiscard]] bool any() const noexcept { return !turns_.empty() || !closed_.empty(); }

  /// Gives a turn in the next poll, behind those who wait for one already.
  void serve_again(source& one) noexcept {
    list::remove(one);
    turns_.push_back(one);
  }
  /// Takes it back.
  static void forget(source& one) noexcept { list::remove(one); }
  /// Owns the source from now on: its tell_closed comes in the next `finish_closed`, and destroys it.
  void retire(source& one) noexcept {
    list::remove(one);
    closed_.push_back(one);
  }

  /// Those who have waited until now. To be taken before what the system has to say is served: who comes to
  /// the end of its share there waits for the next poll.
  [[nodiscard]] list take_turns() noexcept { return turns_.take_all(); }
  static void serve(list& turns) {
    while (source* const one = turns.pop_front()) one->take_turn();
  }
  void finish_closed() {
    list closed = closed_.take_all();
    while (source* const first = closed.pop_front()) {
      const std::unique_ptr<source> owned{first};
      owned->tell_closed();
    }
  }

 private:
  list turns_ = {};
  list closed_ = {};
};

}  // namespace naru::engine
