#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <vector>

#include <gtest/gtest.h>

#include <naru/naru.hpp>

#include "support/patience.hpp"

namespace naru::test {

/// What the handlers of one connection were told.
struct record {
  connection_id id = {};
  std::weak_ptr<connection> shell = {};
  bool connected = false;
  bool peer_ended = false;
  std::vector<std::string> messages = {};
  std::size_t message_bytes = 0;
  std::vector<std::error_code> errors = {};
  std::size_t backlog_highs = 0;
  std::size_t drains = 0;
  std::optional<close_reason> closed = {};

  /// All that was received, as one text.
  [[nodiscard]] std::string stream() const;
};

/// What a test wants done inside a handler, after the call has been recorded.
struct hooks {
  std::function<void(connection&)> connected = {};
  std::function<void(connection&, bytes_view)> received = {};
  std::function<void(connection&)> peer_ended = {};
  std::function<void(connection&, std::error_code)> error = {};
  std::function<void(connection&)> backlog_high = {};
  std::function<void(connection&)> drained = {};
  std::function<void(connection&, close_reason)> closed = {};
};

/// Handlers that write down what they are told, and that watch over what holds for every connection in every
/// test: `on_connected` first, one call at a time, always on the same thread, `on_backlog_high` and
/// `on_drained` by turns, `on_closed` once and last, and nothing left alive after it (design, guarantees 1
/// and 2). It must outlive the networks that call it. [any]
class recorder {
 public:
  [[nodiscard]] handlers make_handlers(hooks also = {});
  /// Handlers run on an executor: on any thread, though never on two at a time.
  void expect_any_thread() { any_thread_ = true; }

  /// A connection was given to the test, and has to be heard of before the end.
  void expect_connection();

  // Each waits until so many connections, messages or bytes have come, over all connections of this recorder,
  // and their handlers have returned.
  [[nodiscard]] testing::AssertionResult connected(std::size_t connections = 1);
  [[nodiscard]] testing::AssertionResult closed(std::size_t connections = 1);
  [[nodiscard]] testing::AssertionResult peer_ended(std::size_t connections = 1);
  [[nodiscard]] testing::AssertionResult received(std::size_t messages);
  [[nodiscard]] testing::AssertionResult received_bytes(std::size_t bytes);
  [[nodiscard]] testing::AssertionResult told_errors(std::size_t errors = 1);
  [[nodiscard]] testing::AssertionResult backlog_high(std::size_t times = 1);
  [[nodiscard]] testing::AssertionResult drained(std::size_t times = 1);
  [[nodiscard]] testing::AssertionResult listener_closed(socket_id id);

  /// The connection whose handler was called first, second and so on; empty when there was none.
  [[nodiscard]] record at(std::size_t index = 0) const;
  [[nodiscard]] std::vector<record> all() const;
  /// The connections that are still held by somebody.
  [[nodiscard]] std::vector<std::shared_ptr<connection>> shells() const;
  [[nodiscard]] std::shared_ptr<connection> shell(std::size_t index = 0) const {
    return at(index).shell.lock();
  }

  /// To be called when no network can call any more: reports whatever was not as it must be.
  void verify_ended() const;

 private:
  struct tracked : record {
    std::thread::id worker = {};
    bool inside = false;
    bool has_to_connect = true;
  };
  /// Handlers that have run to their end.
  struct tally {
    std::size_t connected = 0;
    std::size_t peer_ended = 0;
    std::size_t closed = 0;
    std::size_t messages = 0;
    std::size_t bytes = 0;
    std::size_t errors = 0;
    std::size_t backlog_highs = 0;
    std::size_t drains = 0;
  };
  class call;

  testing::AssertionResult wait(const char* what, const std::size_t& counted, std::size_t wanted);
  [[nodiscard]] tracked& enter(connection& peer, const char* handler);
  void leave(tracked& entry, const tally& adds, const std::optional<close_reason>& closed);
  [[nodiscard]] std::string describe() const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::list<tracked> entries_;  // a list: an entry keeps its place
  std::unordered_map<connection_id, tracked*> by_id_;
  std::vector<socket_id> listeners_closed_;
  std::vector<std::string> violations_;
  tally done_;
  std::size_t expected_ = 0;
  std::atomic<bool> any_thread_ = false;
};

}  // namespace naru::test
