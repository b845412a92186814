#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

#include <naru/connection.hpp>
#include <naru/framing.hpp>

#include "console.hpp"
#include "line_splitter.hpp"
#include "standard_input.hpp"

namespace naru::program {

/// Sends what comes from the standard input, on a thread of its own: each line as a message, or, in raw
/// framing, the bytes as they come. Never fills the backlog: it stops reading until there is room.
class typed_input {
 public:
  /// `on_end` runs as a posted task of the connection once all input has been sent.
  typed_input(std::weak_ptr<connection> peer, framing::kind frames, std::size_t max_message_bytes,
              std::move_only_function<void()> on_end, console& speaker);
  ~typed_input();

  /// To be called when some of the backlog may have left, or the connection has ended.
  void look_for_room();
  /// Whether a part of the input could not be read or sent. After the end of the input.
  [[nodiscard]] bool has_failed() const noexcept { return failed_; }

 private:
  void run();
  bool send_piece(std::string_view piece);
  bool send(std::string_view message);
  bool wait_for_room(std::size_t bytes);
  bool fail(std::string_view why);

  const std::weak_ptr<connection> peer_;
  const framing::kind frames_;
  const std::size_t max_message_bytes_;
  std::move_only_function<void()> on_end_;
  console& speaker_;
  standard_input input_;
  line_splitter lines_;
  std::mutex mutex_;  // guards nothing but the step from looking for room to waiting for it
  std::condition_variable room_;
  std::atomic<bool> failed_ = false;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace naru::program
