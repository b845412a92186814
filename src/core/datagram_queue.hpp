#pragma once

#include <cstddef>

#include <naru/bytes.hpp>

namespace naru::core {

/// Datagrams of one connection that wait for room, oldest first, each in memory of its own. [worker]
class datagram_queue {
 public:
  datagram_queue() noexcept = default;
  datagram_queue(const datagram_queue&) = delete;
  datagram_queue& operator=(const datagram_queue&) = delete;
  ~datagram_queue();

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  /// The one that has waited longest. Not of an empty queue.
  [[nodiscard]] bytes_view front() const noexcept;

  /// Room for one more, to be filled in at once; null when there is no memory.
  [[nodiscard]] std::byte* push_back(std::size_t bytes) noexcept;
  /// Room for one that is older than all others.
  [[nodiscard]] std::byte* push_front(std::size_t bytes) noexcept;
  void pop_front() noexcept;

 private:
  struct element {
    element* next;
    std::size_t bytes;
  };

  [[nodiscard]] static element* make(std::size_t bytes) noexcept;
  [[nodiscard]] static std::byte* place_of(element& one) noexcept {
    return reinterpret_cast<std::byte*>(&one + 1);
  }

  element* first_ = nullptr;
  element* last_ = nullptr;
};

}  // namespace naru::core
