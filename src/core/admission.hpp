#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <utility>

#include <naru/endpoint.hpp>
#include <naru/options.hpp>

#include "base/clock.hpp"
#include "base/headcount.hpp"
#include "base/mutex.hpp"
#include "core/token_bucket.hpp"
#include "protocol/siphash.hpp"

namespace naru::core {

struct profile;
class worker;

/// Whom a listener lets in and how many of them there are, for all its workers together; and, when it is
/// drained, when the last of them has gone. [any]
class admission {
 public:
  admission(const admission_options& limits, const protocol::hash_key& key)
      : limits_{limits},
        addresses_{0, address_hash{key}},
        rate_{static_cast<double>(limits.accepts_per_second), {}} {}
  admission(const admission&) = delete;
  admission& operator=(const admission&) = delete;

  /// Counts one more connection, if max_connections allows.
  [[nodiscard]] bool try_count() noexcept;
  void uncount() noexcept { connections_.fetch_sub(1, std::memory_order_relaxed); }

  /// Counts one more connection of this address, if connections_per_address_max allows and there is memory.
  [[nodiscard]] bool try_enter(const endpoint& peer) noexcept NARU_EXCLUDES(mutex_);
  void leave(const endpoint& peer) noexcept NARU_EXCLUDES(mutex_);

  /// Whether accepts_per_second allows another one now, which counts as one.
  [[nodiscard]] bool try_accept(base::clock::time_point now) noexcept NARU_EXCLUDES(mutex_);

  /// Whoever is on his way in from now on is turned away.
  void begin_drain() noexcept { draining_.store(true, std::memory_order_release); }
  [[nodiscard]] bool is_draining() const noexcept { return draining_.load(std::memory_order_acquire); }
  /// The listener, and the connections that came through it. See `presence`.
  [[nodiscard]] base::headcount& present() noexcept { return present_; }

 private:
  struct address_hash {
    protocol::hash_key key;
    [[nodiscard]] std::size_t operator()(const endpoint& address) const noexcept;
  };

  const admission_options limits_;
  std::atomic<std::size_t> connections_ = 0;
  std::atomic<bool> draining_ = false;
  base::headcount present_;
  base::mutex mutex_;
  std::unordered_map<endpoint, std::size_t, address_hash> addresses_ NARU_GUARDED_BY(mutex_);
  token_bucket rate_ NARU_GUARDED_BY(mutex_);
  /// Workers read the clock one after the other, and may come here in another order.
  base::clock::time_point rate_at_ NARU_GUARDED_BY(mutex_) = {};
};

/// Somebody whose end a drain waits for. [any]
class presence {
 public:
  explicit presence(std::shared_ptr<admission> where) noexcept : where_{std::move(where)} {
    if (where_ != nullptr) where_->present().enter();
  }
  presence(presence&& other) noexcept = default;
  presence& operator=(presence&& other) noexcept {
    where_.swap(other.where_);
    return *this;
  }
  ~presence() {
    if (where_ != nullptr) where_->present().leave();
  }

  /// Null for a connection that came through no listener.
  [[nodiscard]] const std::shared_ptr<admission>& where() const noexcept { return where_; }

 private:
  std::shared_ptr<admission> where_;
};

/// The place of one TCP connection, or of one that is on its way to its worker: counted until it is given up,
/// at the latest with its end, and there for a drain until its end, whatever comes of the connection. [any]
class admitted_place {
 public:
  /// Of an outgoing connection, which counts nowhere.
  admitted_place() noexcept : in_{nullptr} {}
  /// Already counted.
  admitted_place(std::shared_ptr<admission> where, const endpoint& peer) noexcept
      : in_{std::move(where)}, peer_{peer} {}
  admitted_place(admitted_place&& other) noexcept
      : in_{std::move(other.in_)}, peer_{std::exchange(other.peer_, {})} {}
  admitted_place& operator=(admitted_place&& other) noexcept {
    std::swap(in_, other.in_);
    std::swap(peer_, other.peer_);
    return *this;
  }
  ~admitted_place() { give_up(); }

  /// Somebody else may have it.
  void give_up() noexcept;
  [[nodiscard]] bool is_of(const admission& one) const noexcept { return in_.where().get() == &one; }
  [[nodiscard]] bool is_draining() const noexcept {
    return in_.where() != nullptr && in_.where()->is_draining();
  }

 private:
  presence in_;
  /// No address: it does not count any more.
  endpoint peer_ = {};
};

/// Asks the limits that hold over TCP and UDP, and then the user. Whoever is let in is counted with his
/// address; who is not is counted in the statistics, by the first thing that kept him out. [worker]
[[nodiscard]] bool let_in(worker& at, admission& by, const profile& common, const endpoint& remote) noexcept;

}  // namespace naru::core
