#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <naru/naru.hpp>

#include "stress/storm_session.hpp"

namespace naru::test {

/// What a storm does. What is random follows from the seed, as far as threads allow.
struct storm_plan {
  transport over = tcp;
  std::uint64_t seed = 1;
  std::uint64_t operations = 0;
  unsigned threads = 3;
  std::size_t connections = 40;  ///< outgoing ones that are kept open
  std::size_t filler_bytes_max = 2000;
  /// Received for a thousand operations, at least: with fewer, nothing was going on that could be disturbed.
  std::uint64_t messages_per_thousand_min = 50;
};

/// Threads and handlers that send, close, abort, post, pause and resume connections at random, while others
/// are connected anew; and the bookkeeping that proves that no connection was told too much or too little.
/// [any]
class close_storm {
 public:
  /// Both networks run already, and must end before the storm does.
  close_storm(const storm_plan& plan, network& server, network& client);

  /// Listens and connects. Throws what goes wrong.
  void begin();
  /// Ends `meddle`, however few operations were done.
  void stop() noexcept { stopped_ = true; }
  /// One thread's share of the operations; it is `thread`'s own random sequence.
  void meddle(unsigned thread);
  /// No more is connected from now on; what is still open is resumed and closed in good order.
  void calm_down();
  [[nodiscard]] std::uint64_t operations_done() const noexcept { return operations_; }
  /// All connections have had their on_closed.
  [[nodiscard]] bool over() const noexcept { return closed_ == opened_; }

  /// To be called when the networks are gone: what went wrong.
  [[nodiscard]] std::vector<std::string> verdict();
  [[nodiscard]] std::string summary() const;

 private:
  using random = std::mt19937_64;

  /// Runs a handler's body with its session, and watches that it may run.
  template <typename Body>
  void inside(connection& peer, Body body);
  [[nodiscard]] handlers make_handlers();
  void note_open(connection& peer);
  void note_closed(connection& peer);
  void received(connection& peer, storm_session& session, bytes_view bytes);
  void connect_another();
  [[nodiscard]] bool is_udp() const noexcept { return plan_.over == udp; }

  /// More was done than had time to have an effect.
  [[nodiscard]] bool ahead() const noexcept;
  void operate(connection& peer, random& chance);
  void send(connection& peer, random& chance);
  [[nodiscard]] std::shared_ptr<connection> pick(random& chance);
  [[nodiscard]] random chance_of(const connection& peer, bytes_view bytes) const;
  void complain(const char* what);

  const storm_plan plan_;
  network& server_;
  network& client_;
  endpoint where_;
  std::shared_ptr<const handlers> client_handlers_;

  std::atomic<std::uint64_t> operations_ = 0;
  std::atomic<std::uint64_t> messages_ = 0;
  std::atomic<std::uint64_t> opened_ = 0;
  std::atomic<std::uint64_t> closed_ = 0;
  std::atomic<std::int64_t> sessions_alive_ = 0;
  std::atomic<bool> calm_ = false;
  std::atomic<bool> stopped_ = false;

  std::mutex mutex_;                                      // guards what follows
  std::vector<std::weak_ptr<connection>> open_;           // both ends of each connection
  std::unordered_map<connection_id, std::size_t> place_;  // where each stands in open_
  std::vector<std::weak_ptr<connection>> all_;
  std::set<std::uint64_t> senders_;  // whose messages have been seen, each by one connection only
  std::vector<std::string> complaints_;
};

}  // namespace naru::test
