#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <naru/close_reason.hpp>
#include <naru/connection.hpp>
#include <naru/endpoint.hpp>
#include <naru/error.hpp>
#include <naru/handlers.hpp>

#include "base/intrusive_list.hpp"
#include "core/handler_watch.hpp"
#include "core/latest_box.hpp"
#include "core/message_body.hpp"
#include "core/outgoing.hpp"

namespace naru::core {

class shell;
class admission;
struct all_tag;
struct unsettled_tag;

/// What a connection, and its worker, ask of the socket behind it. Everything on the worker that owns both.
/// [worker]
class socket : public base::list_node<all_tag>, public base::list_node<unsettled_tag> {
 public:
  socket(const socket&) = delete;
  socket& operator=(const socket&) = delete;

  /// A message from a handler: framed, counted against the backlog, queued.
  [[nodiscard]] virtual result<void> send(outgoing& message) noexcept = 0;
  /// One that many share.
  [[nodiscard]] virtual result<void> send(const message_ref& message) noexcept = 0;
  /// Counts a message of so many bytes against the backlog, by whose policy room may be made for it.
  [[nodiscard]] virtual bool make_room(std::size_t charge) noexcept = 0;
  /// What the policy says when that cannot be done: the answer to the one who sends.
  virtual result<void> refuse() noexcept = 0;
  // A message from another thread, framed and counted there.
  virtual void queue(std::unique_ptr<large_message> message) noexcept = 0;
  [[nodiscard]] virtual std::byte* queue(std::size_t wire_bytes) noexcept = 0;
  virtual void queue(const message_ref& message, bytes_view wire) noexcept = 0;
  /// One that may be replaced while it waits, in the connection's own box.
  virtual void queue(latest_value& value) noexcept = 0;

  [[nodiscard]] virtual shell& connection_shell() const noexcept = 0;
  /// What waits for it in memory, both ways.
  [[nodiscard]] virtual std::size_t memory_bytes() const noexcept = 0;
  /// Only `on_closed` is still to come, and nothing waits any more but for that.
  [[nodiscard]] virtual bool is_ending() const noexcept = 0;

  /// Ends the connection in good order.
  virtual void close() noexcept = 0;
  /// Ends it at once.
  virtual void fail(close_reason why) noexcept = 0;
  /// The peer is known to whoever says so.
  virtual void confirm() noexcept {}
  /// Receiving was paused or resumed; the shell knows which.
  virtual void receiving_changed() noexcept = 0;
  /// Where handlers run on an executor: there is room again for what waits for them; and `on_closed` has run
  /// there, or never will.
  virtual void executor_has_room() noexcept = 0;
  virtual void executor_done() noexcept = 0;
  /// Calls something of the user's as if it were a handler, or takes it to where handlers run. As which it is
  /// named.
  virtual void run_task(handler_kind which, std::move_only_function<void(connection&)>& task) noexcept = 0;
  [[nodiscard]] virtual result<void> exchange_handlers(std::shared_ptr<const handlers> own) noexcept = 0;
  /// The addresses of the host to connect to.
  virtual void resolved(result<std::vector<endpoint>> addresses) noexcept = 0;

  /// Does what handlers and other threads have left to do: goes on receiving, sends what waits, takes the
  /// next step of the end.
  virtual void settle() noexcept = 0;
  /// See `worker::retry_soon`.
  virtual void retry() noexcept {}
  /// It will soon be settled; its own first lines are here.
  virtual void fetch_ahead() const noexcept {}
  /// The network stops, or its listener is drained: in good order, and then, when the grace is over, at once.
  virtual void stop(close_cause why) noexcept = 0;
  virtual void stop_now(close_cause why) noexcept = 0;
  /// Whether it is of this listener.
  [[nodiscard]] virtual bool came_through(const admission& listener) const noexcept = 0;

 protected:
  socket() = default;
  ~socket() = default;
};

}  // namespace naru::core
