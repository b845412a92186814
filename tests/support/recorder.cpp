#include "support/recorder.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <sstream>
#include <utility>

namespace naru::test {

std::string record::stream() const {
  std::string all;
  all.reserve(message_bytes);
  for (const std::string& message : messages) all += message;
  return all;
}

/// Marks an entry while one of its handlers runs, however that handler ends. What it adds is counted at the
/// end, so that who waits for it finds what the hook did.
class recorder::call {
 public:
  call(recorder& owner, connection& peer, const char* handler)
      : owner_{owner}, entry_{owner.enter(peer, handler)} {}
  call(const call&) = delete;
  call& operator=(const call&) = delete;
  ~call() { owner_.leave(entry_, adds, closed); }

  /// Writes down, under the lock.
  template <typename Write>
  void write(Write write) {
    const std::lock_guard lock{owner_.mutex_};
    write(entry_);
  }

  tally adds;
  std::optional<close_reason> closed = {};

 private:
  recorder& owner_;
  tracked& entry_;
};

recorder::tracked& recorder::enter(connection& peer, const char* handler) {
  const std::lock_guard lock{mutex_};
  tracked*& found = by_id_[peer.id()];
  if (found == nullptr) {
    found = &entries_.emplace_back();
    found->id = peer.id();
    found->shell = peer.weak_from_this();
    found->worker = std::this_thread::get_id();
    // A connected UDP socket has nothing to wait for (R2.6).
    found->has_to_connect = peer.over() == tcp || peer.is_renter();
  }
  const auto complain = [&](const char* what) { violations_.push_back(std::string{handler} + ": " + what); };
  if (found->inside) complain("another handler of the same connection is running");
  if (found->closed) complain("called after on_closed");
  if (found->worker != std::this_thread::get_id() && !any_thread_)
    complain("called on another thread than before");
  if (found->shell.expired()) complain("called for a connection that is gone");
  found->inside = true;
  return *found;
}

void recorder::leave(tracked& entry, const tally& adds, const std::optional<close_reason>& closed) {
  const std::lock_guard lock{mutex_};
  entry.inside = false;
  if (closed) entry.closed = closed;
  done_.connected += adds.connected;
  done_.messages += adds.messages;
  done_.bytes += adds.bytes;
  done_.peer_ended += adds.peer_ended;
  done_.closed += adds.closed;
  done_.errors += adds.errors;
  done_.backlog_highs += adds.backlog_highs;
  done_.drains += adds.drains;
  changed_.notify_all();
}

handlers recorder::make_handlers(hooks also) {
  const auto shared = std::make_shared<const hooks>(std::move(also));
  handlers made;
  made.on_connected = [this, shared](connection& peer) {
    call running{*this, peer, "on_connected"};
    running.adds.connected = 1;
    running.write([this](tracked& entry) {
      if (!entry.has_to_connect) violations_.emplace_back("on_connected: there was nothing to wait for");
      if (entry.connected) violations_.emplace_back("on_connected: called twice");
      if (!entry.messages.empty()) violations_.emplace_back("on_connected: called after on_received");
      entry.connected = true;
    });
    if (shared->connected) shared->connected(peer);
  };
  made.on_received = [this, shared](connection& peer, bytes_view message) {
    call running{*this, peer, "on_received"};
    running.adds.messages = 1;
    running.adds.bytes = message.size();
    running.write([this, message](tracked& entry) {
      if (!entry.connected && entry.has_to_connect) {
        violations_.emplace_back("on_received: called before on_connected");
      }
      if (entry.peer_ended) violations_.emplace_back("on_received: called after on_peer_ended");
      entry.messages.emplace_back(as_text(message));
      entry.message_bytes += message.size();
    });
    if (shared->received) shared->received(peer, message);
  };
  made.on_peer_ended = [this, shared](connection& peer) {
    call running{*this, peer, "on_peer_ended"};
    running.adds.peer_ended = 1;
    running.write([this](tracked& entry) {
      if (entry.peer_ended) violations_.emplace_back("on_peer_ended: called twice");
      entry.peer_ended = true;
    });
    if (shared->peer_ended) shared->peer_ended(peer);
  };
  made.on_error = [this, shared](connection& peer, std::error_code error) {
    call running{*this, peer, "on_error"};
    running.adds.errors = 1;
    running.write([&](tracked& entry) { entry.errors.push_back(error); });
    if (shared->error) shared->error(peer, error);
  };
  made.on_backlog_high = [this, shared](connection& peer) {
    call running{*this, peer, "on_backlog_high"};
    running.adds.backlog_highs = 1;
    running.write([this](tracked& entry) {
      if (entry.backlog_highs != entry.drains)
        violations_.emplace_back("on_backlog_high: not drained before");
      ++entry.backlog_highs;
    });
    if (shared->backlog_high) shared->backlog_high(peer);
  };
  made.on_drained = [this, shared](connection& peer) {
    call running{*this, peer, "on_drained"};
    running.adds.drains = 1;
    running.write([this](tracked& entry) {
      if (entry.backlog_highs != entry.drains + 1) violations_.emplace_back("on_drained: it was not high");
      ++entry.drains;
    });
    if (shared->drained) shared->drained(peer);
  };
  made.on_closed = [this, shared](connection& peer, close_reason why) {
    call running{*this, peer, "on_closed"};
    running.adds.closed = 1;
    running.closed = why;
    const bool open = !peer.is_closed();
    const bool takes = peer.send("late").has_value();
    running.write([this, open, takes](tracked&) {
      if (open) violations_.emplace_back("on_closed: the connection does not say that it is closed");
      if (takes) violations_.emplace_back("on_closed: the connection still takes messages");
    });
    if (shared->closed) shared->closed(peer, why);
  };
  made.on_listener_closed = [this](socket_id id) {
    const std::lock_guard lock{mutex_};
    if (std::ranges::find(listeners_closed_, id) != listeners_closed_.end()) {
      violations_.emplace_back("on_listener_closed: called twice");
    }
    listeners_closed_.push_back(id);
    changed_.notify_all();
  };
  return made;
}

testing::AssertionResult recorder::wait(const char* what, const std::size_t& counted, std::size_t wanted) {
  std::unique_lock lock{mutex_};
  if (changed_.wait_for(lock, patience, [&] { return counted >= wanted; }))
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "waited for " << wanted << " " << what << "; there are "
                                     << describe();
}

void recorder::expect_connection() {
  const std::lock_guard lock{mutex_};
  ++expected_;
}

testing::AssertionResult recorder::connected(std::size_t connections) {
  return wait("connected", done_.connected, connections);
}

testing::AssertionResult recorder::closed(std::size_t connections) {
  return wait("closed", done_.closed, connections);
}

testing::AssertionResult recorder::peer_ended(std::size_t connections) {
  return wait("whose peer ended", done_.peer_ended, connections);
}

testing::AssertionResult recorder::received(std::size_t messages) {
  return wait("messages", done_.messages, messages);
}

testing::AssertionResult recorder::received_bytes(std::size_t bytes) {
  return wait("bytes", done_.bytes, bytes);
}

testing::AssertionResult recorder::told_errors(std::size_t errors) {
  return wait("errors", done_.errors, errors);
}

testing::AssertionResult recorder::backlog_high(std::size_t times) {
  return wait("times that a backlog was high", done_.backlog_highs, times);
}

testing::AssertionResult recorder::drained(std::size_t times) {
  return wait("times that a backlog drained", done_.drains, times);
}

testing::AssertionResult recorder::listener_closed(socket_id id) {
  std::unique_lock lock{mutex_};
  const auto told = [&] { return std::ranges::find(listeners_closed_, id) != listeners_closed_.end(); };
  if (changed_.wait_for(lock, patience, told)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "on_listener_closed did not come in time";
}

record recorder::at(std::size_t index) const {
  const std::lock_guard lock{mutex_};
  if (index >= entries_.size()) return {};
  return *std::next(entries_.begin(), static_cast<std::ptrdiff_t>(index));
}

std::vector<record> recorder::all() const {
  const std::lock_guard lock{mutex_};
  return {entries_.begin(), entries_.end()};
}

void recorder::verify_ended() const {
  const std::lock_guard lock{mutex_};
  for (const std::string& violation : violations_) ADD_FAILURE() << violation;
  EXPECT_GE(entries_.size(), expected_) << "a connection was never heard of";
  for (const tracked& entry : entries_) {
    EXPECT_TRUE(entry.closed.has_value()) << "a connection never had its on_closed";
    EXPECT_TRUE(entry.shell.expired()) << "a connection is still held after its on_closed";
  }
}

std::vector<std::shared_ptr<connection>> recorder::shells() const {
  const std::lock_guard lock{mutex_};
  std::vector<std::shared_ptr<connection>> alive;
  for (const tracked& entry : entries_) {
    if (auto shell = entry.shell.lock()) alive.push_back(std::move(shell));
  }
  return alive;
}

std::string recorder::describe() const {
  std::ostringstream text;
  text << entries_.size() << " connections, " << done_.messages << " messages, " << done_.bytes << " bytes;";
  for (const tracked& entry : entries_ | std::views::take(10)) {
    text << " [" << (entry.connected ? "connected, " : "") << entry.messages.size() << " messages";
    if (entry.closed) text << ", closed: " << to_string(entry.closed->cause) << " " << entry.closed->error;
    text << "]";
  }
  return text.str();
}

}  // namespace naru::test
