#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>

#include "support/descriptor.hpp"
#include "support/frame_stream.hpp"

namespace naru::bench {

/// A thread with one connection to an echo server, that sends and receives as fast as both can.
class flooder {
 public:
  flooder(std::uint16_t port, std::size_t message_bytes);
  flooder(const flooder&) = delete;
  flooder& operator=(const flooder&) = delete;
  ~flooder();

  void begin();
  /// Returns when everything has come back; how many messages that were. Throws what the thread met with.
  std::uint64_t end();

 private:
  enum class state { idle, floods, finishes, ends };

  void loop();
  void flood();
  bool send_some(bool finishes);
  bool receive_some();

  /// How far it runs ahead of what comes back: what the server may keep for it is 8 MiB.
  static constexpr std::uint64_t ahead_bytes_max = 4'000'000;

  descriptor socket_;
  frame_stream stream_;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t received_ = 0;
  std::size_t partial_bytes_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  state state_ = state::idle;        // guarded by mutex_
  std::exception_ptr failure_ = {};  // guarded by mutex_
  std::thread thread_;
};

}  // namespace naru::bench
