#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "core/large_message.hpp"
#include "core/letter.hpp"
#include "protocol/frame_rules.hpp"

namespace naru::core {

class outgoing;
class shell;

/// A message that another thread sent: framed and counted against the backlog there, on its way into the
/// queue. A small one lies behind this object in the same allocation; a large one has its own memory, which
/// the queue takes over.
class remote_send final : public letter {
 public:
  /// A framed copy of the message, or the message itself where it was moved in. Null when there is no memory:
  /// the message is left as it was. [any]
  [[nodiscard]] static remote_send* make(std::weak_ptr<shell> to, outgoing& message,
                                         const wrapping& around) noexcept;

  [[nodiscard]] std::size_t wire_bytes() const noexcept { return wire_bytes_; }
  [[nodiscard]] bool is_large() const noexcept { return large_ != nullptr; }
  /// The bytes of a small one, framing included.
  [[nodiscard]] bytes_view bytes() const noexcept;
  [[nodiscard]] std::unique_ptr<large_message> take_large() noexcept { return std::move(large_); }

  [[nodiscard]] bool deliver_early(worker& at) noexcept override;
  void deliver(worker& at) noexcept override;
  void discard() noexcept override;
  void free() noexcept;

 private:
  remote_send(std::weak_ptr<shell> to, std::size_t wire_bytes, std::unique_ptr<large_message> large) noexcept
      : to_{std::move(to)}, wire_bytes_{wire_bytes}, large_{std::move(large)} {}
  ~remote_send() = default;

  std::weak_ptr<shell> to_;
  std::size_t wire_bytes_;
  std::unique_ptr<large_message> large_;
};

}  // namespace naru::core
