#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "support/network_test.hpp"

namespace naru::test {

/// What happened, in the order in which it did, whichever connection it happened to. [any]
class diary {
 public:
  void note(std::string what) {
    const std::lock_guard lock{mutex_};
    lines_.push_back(std::move(what));
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard lock{mutex_};
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Networks that talk by UDP.
class udp_test : public network_test {
 protected:
  /// Listens with `at_server_` on `server()`, or on another network and address.
  endpoint lease(const listen_options& options = {}, hooks also = {});
  endpoint lease(network& where, const endpoint& local, const listen_options& options = {}, hooks also = {},
                 const bind_options& bound = {});
  /// Of the listener that was made last.
  [[nodiscard]] socket_id leased_socket() const { return leased_; }

  /// Connects from `client()` with `at_client_`.
  std::shared_ptr<connection> connect_udp(const endpoint& to, const connect_options& options = {},
                                          hooks also = {});
  /// One that has sent a first message, and the renter that this has made.
  link open_pair(const endpoint& to, const connect_options& options = {}, hooks also = {});
  /// Both, with a listener of their own.
  link open_pair(const listen_options& options = {}, hooks at_server = {});

  /// An address of the loopback interface where nobody receives.
  endpoint deserted_udp_endpoint();

  /// Turns the worker of a polled network until the condition holds.
  [[nodiscard]] static testing::AssertionResult turn_until(network& polled,
                                                           const std::function<bool()>& condition);
  /// How many connections of the server have had their `on_closed`.
  [[nodiscard]] std::size_t server_closed_count() const;

  static hooks echo();

  socket_id leased_ = {};
};

/// The same in a simulated world, whose time passes when the test says so.
class udp_time_test : public udp_test {
 protected:
  explicit udp_time_test(const engine::simulated::hostility& manners = {});

  /// Until nobody has anything to do.
  void settle() { EXPECT_TRUE(environment_->world().wait_until_idle()); }
  void pass(std::chrono::milliseconds time);
  [[nodiscard]] bool server_closed(std::size_t index = 0) const {
    return at_server_.at(index).closed.has_value();
  }
  [[nodiscard]] bool client_closed(std::size_t index = 0) const {
    return at_client_.at(index).closed.has_value();
  }
};

}  // namespace naru::test
