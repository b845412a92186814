#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "core/letter.hpp"

namespace naru::core {

class inbox;
class shell;

/// A letter that is made together with its connection, so that `close` cannot fail for want of memory. It may
/// be sent again and again: what is asked for while it is still on its way is added to it.
///
/// It refers to its connection weakly, so that one that is on its way keeps no shell alive, and outlives it.
class doorbell final : public letter {
 public:
  enum request : std::uint8_t {
    close = 1,
    abort = 2,
    overflow = 4,
    no_memory = 8,
    receiving = 16,
    confirm = 32,
    executor = 64  ///< there is room again for what waits for handlers
  };

  /// The caller holds one of two shares, the inbox the other while it has the letter.
  explicit doorbell() noexcept = default;

  void belongs_to(std::weak_ptr<shell> owner) noexcept { owner_ = std::move(owner); }
  /// Asks the worker behind this inbox. False when it is no more. [any]
  bool ring(inbox& at, request what) noexcept;
  /// Gives a share back; frees the letter with the last one. [any]
  void release() noexcept;

  void deliver(worker& at) noexcept override;
  void discard() noexcept override { release(); }

 private:
  ~doorbell() = default;

  std::atomic<std::uint8_t> requests_ = 0;
  std::atomic<std::uint8_t> shares_ = 1;
  std::weak_ptr<shell> owner_ = {};
};

}  // namespace naru::core
