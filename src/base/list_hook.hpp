#pragma once

namespace naru::base {

/// The place of one object in one ring of objects. A list is a ring through a hook of its own, the head; so a
/// member leaves without knowing its list. Unlinks itself when it dies. [worker]
class list_hook {
 public:
  list_hook() noexcept = default;
  list_hook(const list_hook&) = delete;
  list_hook& operator=(const list_hook&) = delete;
  ~list_hook() { unlink(); }

  [[nodiscard]] bool is_linked() const noexcept { return next_ != this; }

  /// Does nothing when it is in no ring.
  void unlink() noexcept {
    previous_->next_ = next_;
    next_->previous_ = previous_;
    previous_ = this;
    next_ = this;
  }

  /// Puts this one, which is in no ring, before `place`: at the back of the list when `place` is its head.
  void link_before(list_hook& place) noexcept {
    previous_ = place.previous_;
    next_ = &place;
    previous_->next_ = this;
    place.previous_ = this;
  }

  /// Moves all that is in the ring of the head `source`, but for that head itself, before this one.
  void splice_before(list_hook& source) noexcept {
    if (!source.is_linked()) return;
    source.next_->previous_ = previous_;
    previous_->next_ = source.next_;
    source.previous_->next_ = this;
    previous_ = source.previous_;
    source.previous_ = &source;
    source.next_ = &source;
  }

  [[nodiscard]] list_hook* next() const noexcept { return next_; }
  [[nodiscard]] list_hook* previous() const noexcept { return previous_; }

 private:
  list_hook* previous_ = this;
  list_hook* next_ = this;
};

}  // namespace naru::base
