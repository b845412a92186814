#pragma once

#include "base/assert.hpp"
#include "base/list_hook.hpp"

namespace naru::base {

/// Base class of what can be in an `intrusive_list` with the same tag. An object that can be in several lists
/// at a time derives from several of these, each with a tag of its own. A tag is any type, it need not be
/// complete. [worker]
template <typename Tag>
class list_node : private list_hook {
  template <typename T, typename ListTag>
  friend class intrusive_list;

 protected:
  list_node() noexcept = default;
  ~list_node() = default;
};

/// A list of objects that carry their own links: nothing is allocated, and everything but destroying a list
/// that is not empty takes constant time. The list owns nothing. An object that dies leaves its list; a list
/// that dies lets its members go.
///
/// There are no iterators, since whatever is done to a member may remove others: see `for_each`.
///
/// [worker]
template <typename T, typename Tag>
class intrusive_list {
 public:
  intrusive_list() noexcept = default;
  intrusive_list(const intrusive_list&) = delete;
  intrusive_list& operator=(const intrusive_list&) = delete;
  ~intrusive_list() {
    while (pop_front() != nullptr) {
    }
  }

  [[nodiscard]] bool empty() const noexcept { return !head_.is_linked(); }
  /// The first member, or null.
  [[nodiscard]] T* front() const noexcept { return empty() ? nullptr : member(head_.next()); }

  /// The one behind a member, or null.
  [[nodiscard]] T* after(T& object) const noexcept {
    list_hook* const next = hook(object).next();
    return next == &head_ ? nullptr : member(next);
  }

  void push_back(T& object) noexcept { link(object, head_); }
  void push_front(T& object) noexcept { link(object, *head_.next()); }

  /// Takes the first member out; null when there is none.
  T* pop_front() noexcept {
    T* const first = front();
    if (first != nullptr) remove(*first);
    return first;
  }

  /// Moves all members of the other list to the back of this one, in their order.
  void append(intrusive_list& other) noexcept {
    NARU_ASSERT(&other != this, "a list is appended to another one");
    head_.splice_before(other.head_);
  }

  /// Leaves this list empty; the answer has what was in it, in the same order.
  [[nodiscard]] intrusive_list take_all() noexcept { return intrusive_list{taking_all{}, *this}; }

  /// Does something to each of those that are in the list now and have not left it until their turn comes. It
  /// may remove or destroy any member.
  template <typename Action>
  void for_each(Action&& act) {
    intrusive_list all = take_all();
    while (T* const one = all.pop_front()) {
      push_back(*one);
      act(*one);
    }
  }

  /// Whether the object is in a list of this kind: in which one is not known.
  [[nodiscard]] static bool is_linked(const T& object) noexcept { return hook(object).is_linked(); }
  /// Takes the object out of whichever list of this kind it is in; does nothing when it is in none.
  static void remove(T& object) noexcept { hook(object).unlink(); }

 private:
  using node = list_node<Tag>;

  struct taking_all {};
  intrusive_list(taking_all, intrusive_list& source) noexcept { append(source); }

  [[nodiscard]] static list_hook& hook(T& object) noexcept { return static_cast<node&>(object); }
  [[nodiscard]] static const list_hook& hook(const T& object) noexcept {
    return static_cast<const node&>(object);
  }
  [[nodiscard]] static T* member(list_hook* place) noexcept {
    return static_cast<T*>(static_cast<node*>(place));
  }
  static void link(T& object, list_hook& place) noexcept {
    NARU_ASSERT(!is_linked(object), "an object is in one list with the same tag at a time");
    hook(object).link_before(place);
  }

  list_hook head_;
};

}  // namespace naru::base
