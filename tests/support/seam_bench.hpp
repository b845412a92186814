#pragma once

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/engine.hpp"
#include "engine/platform.hpp"
#include "support/engines.hpp"
#include "support/seam_datagram_peer.hpp"
#include "support/seam_peer.hpp"

namespace naru::test {

/// Takes what an acceptor tells.
class seam_listener final : public engine::acceptor_events {
 public:
  struct arrival {
    engine::raw_socket socket;
    endpoint remote;
  };

  ~seam_listener();

  void on_accepted(engine::raw_socket socket, const endpoint& remote) override;
  void on_accept_failed(std::error_code error) override;
  void on_closed() override;

  endpoint local = {};
  engine::acceptor* acceptor = nullptr;
  std::vector<arrival> arrivals = {};  ///< not adopted yet
  std::vector<std::error_code> failures = {};
  bool closing = false;
  bool closed = false;
};

/// Two engines of one environment, a client's and a server's, polled in turn by the thread of the test. Only
/// the seam is used, nothing of core. When the bench is taken down, what is still open is closed, and has to
/// say so.
class seam_bench {
 public:
  /// Both ends of one connection.
  struct link {
    seam_peer* client = nullptr;
    seam_peer* server = nullptr;
  };

  explicit seam_bench(std::unique_ptr<engine_environment> environment);
  seam_bench(const seam_bench&) = delete;
  seam_bench& operator=(const seam_bench&) = delete;
  ~seam_bench();

  [[nodiscard]] engine_environment& environment() { return *environment_; }
  [[nodiscard]] engine::platform& client_platform() { return *client_platform_; }
  [[nodiscard]] engine::platform& server_platform() { return *server_platform_; }
  [[nodiscard]] engine::engine& client_engine() { return *client_engine_; }
  [[nodiscard]] engine::engine& server_engine() { return *server_engine_; }

  /// One poll of each engine, which also keeps what is to be sent on its way.
  void turn();
  /// Turns until it holds.
  [[nodiscard]] testing::AssertionResult turn_until(const std::function<bool()>& holds);
  /// Turns only the client's engine, so that things pile up for the server's.
  [[nodiscard]] testing::AssertionResult turn_client_until(const std::function<bool()>& holds);
  /// Turns for as long as it takes for whatever is on its way to arrive, on an idle machine: to see that
  /// something does not come.
  void turn_for_a_while();

  seam_listener& listen(const endpoint& at, unsigned accept_queue_max = 128);
  seam_listener& listen() { return listen(environment_->bind_address()); }
  /// Closes a listener and waits for its end.
  void close(seam_listener& listener);

  /// Begins to connect. Null when nothing was begun.
  seam_peer* begin_connect(const endpoint& to);
  /// Serves the oldest arrival.
  seam_peer* adopt(seam_listener& from);
  /// Both ends, connected and receiving.
  [[nodiscard]] link connect(seam_listener& through);
  [[nodiscard]] link connect() { return connect(listen()); }

  /// Serves a bound datagram socket on one of the engines, the client's or the server's.
  seam_datagram_peer& share(engine::engine& on, engine::raw_socket socket,
                            const engine::datagram_options& options = {});
  /// Binds one on the platform of that engine, and serves it.
  seam_datagram_peer& share(engine::engine& on, const endpoint& at, const bind_options& options = {},
                            const engine::datagram_options& datagrams = {});
  seam_datagram_peer& share(engine::engine& on) { return share(on, environment_->bind_address()); }
  /// A datagram socket of the client's engine that has only this peer.
  seam_datagram_peer& connect_datagrams(const endpoint& to, const engine::datagram_options& options = {});
  /// Closes a datagram socket and waits for its end.
  void close(seam_datagram_peer& peer);

  /// Bytes that differ from place to place.
  [[nodiscard]] std::string random_bytes(std::size_t count);
  /// More than any system takes for a peer that does not read.
  [[nodiscard]] static std::string flood() { return std::string(std::size_t{24} << 20, '~'); }
  [[nodiscard]] std::minstd_rand& chance() { return chance_; }
  /// From 0 to just below this.
  [[nodiscard]] std::size_t draw(std::size_t below) { return chance_() % below; }

 private:
  struct datagram_seat {
    engine::engine* on = nullptr;
    std::unique_ptr<seam_datagram_peer> peer;
  };

  void pump_datagrams(const engine::engine& on);
  template <typename Turn>
  [[nodiscard]] static testing::AssertionResult repeat_until(const std::function<bool()>& holds, Turn turn);

  std::minstd_rand chance_{20'240'611};
  std::unique_ptr<engine_environment> environment_;
  std::shared_ptr<engine::platform> client_platform_;
  std::shared_ptr<engine::platform> server_platform_;
  std::unique_ptr<engine::engine> client_engine_;
  std::unique_ptr<engine::engine> server_engine_;
  std::vector<std::unique_ptr<seam_peer>> peers_;
  std::vector<std::unique_ptr<seam_listener>> listeners_;
  std::vector<datagram_seat> datagram_peers_;
};

}  // namespace naru::test
