#pragma once

#include "support/network_test.hpp"

namespace naru::test {

/// Networks that talk by UDP.
class udp_test : public network_test {
 protected:
  /// Listens with `at_server_` on `server()`, or on another network and address.
  endpoint lease(const listen_options& options = {}, hooks also = {});
  endpoint lease(network& where, const endpoint& local, const listen_options& options = {}, hooks also = {});
  /// Of the listener that was made last.
  [[nodiscard]] socket_id leased_socket() const { return leased_; }

  /// Connects from `client()` with `at_client_`.
  std::shared_ptr<connection> connect_udp(const endpoint& to, const connect_options& options = {},
                                          hooks also = {});
  /// One that has sent a first message, and the renter that this has made. `at` is the renter's number.
  link open_pair(const endpoint& to, const connect_options& options = {}, hooks also = {});
  /// Both, with a listener of their own.
  link open_pair(const listen_options& options = {}, hooks at_server = {});

  static hooks echo();

 private:
  socket_id leased_ = {};
  std::size_t renters_ = 0;
};

}  // namespace naru::test
