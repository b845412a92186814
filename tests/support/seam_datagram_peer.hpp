#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include <naru/endpoint.hpp>

#include "engine/datagrams.hpp"

namespace naru::test {

/// The plainest user of one datagram socket there can be: it sends what it is given, keeps what it receives
/// and what it is told, and holds the engine to the order of events that the seam promises. It must outlive
/// its socket.
class seam_datagram_peer final : public engine::datagram_events {
 public:
  struct received_datagram {
    endpoint remote = {};
    endpoint local = {};
    std::string text = {};
  };
  struct told_error {
    std::error_code error = {};
    endpoint remote = {};
  };
  struct refused_datagram {
    std::error_code error = {};
    std::string text = {};
  };

  explicit seam_datagram_peer(std::minstd_rand& chance) : chance_{chance} {}
  ~seam_datagram_peer();
  seam_datagram_peer(const seam_datagram_peer&) = delete;
  seam_datagram_peer& operator=(const seam_datagram_peer&) = delete;

  void serve(engine::datagram_socket& socket) noexcept { socket_ = &socket; }

  /// To be sent by `pump`, to the peer of a connected socket.
  void send(std::string text) { outgoing_.push_back({.text = std::move(text)}); }
  void send_to(const endpoint& remote, std::string text, std::optional<endpoint> local = {}) {
    outgoing_.push_back({.remote = remote, .local = local, .text = std::move(text)});
  }
  /// Whatever can be sent: mostly all at once, sometimes in batches of random sizes. Nothing while on_room is
  /// to come. To be called now and then: a refusal for lack of room is not followed by an event.
  void pump();
  /// One send of just this batch, beside what `pump` has to do; what it answers is for the caller.
  engine::datagrams_sent send_now(std::span<const engine::departure> batch);
  void close();

  [[nodiscard]] bool can_be_used() const { return socket_ != nullptr && !closing_; }
  [[nodiscard]] bool is_closing() const { return closing_ && !closed_; }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] endpoint local() const { return socket_->local_endpoint(); }
  [[nodiscard]] engine::datagram_socket& socket() { return *socket_; }
  /// Each was taken, or refused for good.
  [[nodiscard]] bool all_sent() const { return outgoing_.empty(); }
  [[nodiscard]] const std::vector<refused_datagram>& refused() const { return refused_; }
  [[nodiscard]] const std::vector<received_datagram>& received() const { return received_; }
  [[nodiscard]] std::vector<std::string> received_texts() const;
  [[nodiscard]] const std::vector<told_error>& errors() const { return errors_; }
  [[nodiscard]] const engine::losses& lost() const { return lost_; }

  /// Beside keeping the datagram.
  std::function<void(seam_datagram_peer&, const received_datagram&)> when_received;

  void on_received(std::span<const engine::arrival> batch) override;
  void on_room() override;
  void on_error(std::error_code error, const endpoint& remote) override;
  void on_lost(const engine::losses& more) override;
  void on_closed() override;

 private:
  struct outgoing {
    std::optional<endpoint> remote = {};
    std::optional<endpoint> local = {};
    std::string text = {};
  };

  void expect_event_is_due() const;
  [[nodiscard]] bool send_once();
  [[nodiscard]] engine::datagrams_sent submit(std::size_t count);

  engine::datagram_socket* socket_ = nullptr;
  std::deque<outgoing> outgoing_;
  std::vector<refused_datagram> refused_;
  std::vector<received_datagram> received_;
  std::vector<told_error> errors_;
  engine::losses lost_;
  bool room_awaited_ = false;
  bool closing_ = false;
  bool closed_ = false;
  std::minstd_rand& chance_;
};

}  // namespace naru::test
