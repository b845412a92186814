#include "support/seam_bench.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "engine/select.hpp"
#include "support/patience.hpp"

namespace naru::test {

namespace {

using std::chrono::steady_clock;

}  // namespace

seam_listener::~seam_listener() {
  EXPECT_TRUE(acceptor == nullptr || closed);
}

void seam_listener::on_accepted(engine::raw_socket socket, const endpoint& remote) {
  EXPECT_FALSE(closing);
  arrivals.push_back({.socket = std::move(socket), .remote = remote});
}

void seam_listener::on_accept_failed(std::error_code error) {
  EXPECT_FALSE(closing);
  failures.push_back(error);
}

void seam_listener::on_closed() {
  EXPECT_TRUE(closing);
  EXPECT_FALSE(std::exchange(closed, true));
}

seam_bench::seam_bench(std::unique_ptr<engine_environment> environment)
    : environment_{std::move(environment)} {
  if (const auto error = engine::process_start()) throw std::system_error{error};
  client_platform_ = environment_->make_platform();
  server_platform_ = environment_->make_platform();
  client_engine_ = client_platform_->make_engine().value();
  server_engine_ = server_platform_->make_engine().value();
}

seam_bench::~seam_bench() {
  for (const auto& peer : peers_) {
    if (peer->can_be_used()) peer->close(engine::close_mode::reset);
  }
  for (const auto& listener : listeners_) {
    if (!listener->closing) close(*listener);
  }
  for (const auto& seat : datagram_peers_) {
    if (seat.peer->can_be_used()) seat.peer->close();
  }
  EXPECT_TRUE(turn_until([this] {
    return std::ranges::none_of(datagram_peers_, [](const auto& seat) { return seat.peer->is_closing(); });
  }));
  EXPECT_TRUE(turn_until(
      [this] { return std::ranges::none_of(peers_, [](const auto& peer) { return peer->is_closing(); }); }));
  client_engine_.reset();
  server_engine_.reset();
  listeners_.clear();
  if (environment_->is_simulated()) {
    EXPECT_EQ(environment_->world().socket_count(), 0U);
  }
  engine::process_finish();
}

void seam_bench::turn() {
  for (const auto& peer : peers_) peer->pump();
  pump_datagrams(*client_engine_);
  pump_datagrams(*server_engine_);
  client_engine_->poll(std::chrono::nanoseconds{0});
  server_engine_->poll(std::chrono::nanoseconds{0});
}

void seam_bench::pump_datagrams(const engine::engine& on) {
  for (const auto& seat : datagram_peers_) {
    if (seat.on == &on) seat.peer->pump();
  }
}

template <typename Turn>
testing::AssertionResult seam_bench::repeat_until(const std::function<bool()>& holds, Turn turn) {
  const auto deadline = steady_clock::now() + patience;
  while (!holds()) {
    if (steady_clock::now() > deadline) return testing::AssertionFailure() << "it has not come about";
    turn();
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult seam_bench::turn_until(const std::function<bool()>& holds) {
  return repeat_until(holds, [this] { turn(); });
}

testing::AssertionResult seam_bench::turn_client_until(const std::function<bool()>& holds) {
  return repeat_until(holds, [this] {
    for (const auto& peer : peers_) {
      if (!peer->was_accepted()) peer->pump();
    }
    pump_datagrams(*client_engine_);
    client_engine_->poll(std::chrono::nanoseconds{0});
  });
}

void seam_bench::turn_for_a_while() {
  const auto deadline = steady_clock::now() + glance;
  for (int turns = 0; turns < 50; ++turns) turn();
  while (!environment_->is_simulated() && steady_clock::now() < deadline) {
    turn();
    client_engine_->poll(std::chrono::milliseconds{1});
  }
}

seam_listener& seam_bench::listen(const endpoint& at, unsigned accept_queue_max) {
  engine::bound_socket bound = server_platform_->bind_stream(at, {}).value();
  seam_listener& listener = *listeners_.emplace_back(std::make_unique<seam_listener>());
  listener.local = bound.local;
  if (const auto error = server_platform_->listen(bound.socket, accept_queue_max))
    throw std::system_error{error};
  listener.acceptor = server_engine_->accept_from(std::move(bound.socket), listener).value();
  return listener;
}

void seam_bench::close(seam_listener& listener) {
  listener.closing = true;
  listener.acceptor->close();
  EXPECT_TRUE(turn_until([&] { return listener.closed; }));
}

seam_peer* seam_bench::begin_connect(const endpoint& to) {
  auto peer = std::make_unique<seam_peer>(seam_peer::origin::connected_out, chance_);
  const auto begun = client_engine_->connect(to, {}, *peer);
  if (!begun) return nullptr;
  peer->serve(**begun);
  return peers_.emplace_back(std::move(peer)).get();
}

seam_peer* seam_bench::adopt(seam_listener& from) {
  if (!turn_until([&] { return !from.arrivals.empty(); })) throw std::runtime_error{"nobody was accepted"};
  seam_listener::arrival next = std::move(from.arrivals.front());
  from.arrivals.erase(from.arrivals.begin());
  seam_peer& peer = *peers_.emplace_back(std::make_unique<seam_peer>(seam_peer::origin::accepted, chance_));
  peer.serve(*server_engine_->adopt(std::move(next.socket), next.remote, {}, peer).value());
  return &peer;
}

seam_bench::link seam_bench::connect(seam_listener& through) {
  seam_peer* const client = begin_connect(through.local);
  if (client == nullptr || !turn_until([&] { return client->is_connected(); })) {
    throw std::runtime_error{"the connect failed"};
  }
  seam_peer* const server = adopt(through);
  client->resume();
  server->resume();
  return {.client = client, .server = server};
}

seam_datagram_peer& seam_bench::share(engine::engine& on, engine::raw_socket socket,
                                      const engine::datagram_options& options) {
  auto peer = std::make_unique<seam_datagram_peer>(chance_);
  peer->serve(*on.share(std::move(socket), options, *peer).value());
  return *datagram_peers_.emplace_back(&on, std::move(peer)).peer;
}

seam_datagram_peer& seam_bench::share(engine::engine& on, const endpoint& at, const bind_options& options,
                                      const engine::datagram_options& datagrams) {
  engine::platform& platform = &on == client_engine_.get() ? *client_platform_ : *server_platform_;
  engine::bound_datagrams bound = platform.bind_datagrams(at, options, 1).value();
  return share(on, std::move(bound.sockets.front()), datagrams);
}

seam_datagram_peer& seam_bench::connect_datagrams(const endpoint& to,
                                                  const engine::datagram_options& options) {
  auto peer = std::make_unique<seam_datagram_peer>(chance_);
  peer->serve(*client_engine_->connect(to, options, *peer).value());
  return *datagram_peers_.emplace_back(client_engine_.get(), std::move(peer)).peer;
}

void seam_bench::close(seam_datagram_peer& peer) {
  peer.close();
  EXPECT_TRUE(turn_until([&] { return peer.closed(); }));
}

std::string seam_bench::random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(draw(256));
  return bytes;
}

}  // namespace naru::test
