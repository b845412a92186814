#pragma once

namespace naru::core {

class worker;

/// Something for a worker to do, from another thread. Whoever takes a letter out of the inbox calls `deliver`
/// or `discard`, once, and does not touch it afterwards: a letter frees itself.
class letter {
 public:
  letter() = default;
  letter(const letter&) = delete;
  letter& operator=(const letter&) = delete;

  /// What may be done at once, inside a handler's call, and calls no handler: a message goes to the end of
  /// its queue. False: the letter waits for `deliver`. [worker]
  [[nodiscard]] virtual bool deliver_early(worker&) noexcept { return false; }
  /// Does what is to be done. [worker]
  virtual void deliver(worker& at) noexcept = 0;
  /// The inbox has gone: undoes what was promised to the sender, as far as anybody can still see it. [any]
  virtual void discard() noexcept = 0;

  letter* next = nullptr;

 protected:
  ~letter() = default;
};

}  // namespace naru::core
