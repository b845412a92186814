#pragma once

#include <chrono>
#include <cstddef>
#include <thread>

#include <semaphore.h>

#include "support/descriptor.hpp"

namespace naru::bench {

/// A thread that blocks in recv(2) and notes when each message of a fixed size came.
class receiver {
 public:
  receiver(descriptor socket, std::size_t message_bytes, int cpu);
  receiver(const receiver&) = delete;
  receiver& operator=(const receiver&) = delete;
  ~receiver();

  /// Waits for the next message; the moment when it was whole.
  [[nodiscard]] std::chrono::steady_clock::time_point wait();

 private:
  void loop(std::size_t message_bytes);

  descriptor socket_;
  // A POSIX semaphore blocks at once. std::binary_semaphore would first spin on the CPU that the receiving
  // thread needs.
  sem_t arrived_ = {};
  std::chrono::steady_clock::time_point arrival_;
  std::thread thread_;
};

}  // namespace naru::bench
