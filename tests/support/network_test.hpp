#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <naru/naru.hpp>

#include "support/engines.hpp"
#include "support/log_book.hpp"
#include "support/patience.hpp"
#include "support/payload.hpp"
#include "support/print.hpp"
#include "support/recorder.hpp"

namespace naru::test {

/// How the two sides of a link are set up.
struct link_options {
  connection_options server = {};
  connection_options client = {};
  hooks at_server = {};
  hooks at_client = {};
};

/// Both ends of one connection. A test holds them by shared_ptr and lets go of them at its end.
struct link {
  std::shared_ptr<connection> client = nullptr;
  std::shared_ptr<connection> server = nullptr;
};

/// One environment of the engine under test, and the networks of a test in it. Whatever goes wrong while a
/// test is set up is thrown, which GoogleTest reports. When a test ends, its networks are destroyed, and each
/// connection that was ever given to it must have ended as guarantee 2 says.
class network_test : public testing::TestWithParam<engine_under_test> {
 protected:
  network_test();
  ~network_test() override;
  void TearDown() override;

  /// A network that the test itself owns.
  std::unique_ptr<network> make_network(network_options options);
  std::unique_ptr<network> make_network(network_options options, std::shared_ptr<engine::platform> platform);
  /// A network that is not started. Its log goes to `log_`, unless the options say otherwise.
  network& add_network(network_options options);
  /// A network that runs.
  network& start_network(network_options options);
  network& start_network(unsigned workers = 1) { return start_network(network_options{.workers = workers}); }
  /// The two networks of most tests, with one worker each, made when first asked for.
  network& server();
  network& client();
  /// Destroys the networks, which the fixture would do at the end.
  void destroy_networks();

  /// Binds and listens on a free port of the loopback address; answers where.
  endpoint listen(network& where, handlers own, const connection_options& options = {});
  /// Listens with `at_server_`.
  endpoint listen(const connection_options& options = {}, hooks also = {});

  /// Connects and watches that the connection is heard of.
  std::weak_ptr<connection> connect(network& from, const endpoint& to, handlers own,
                                    const connect_options& options = {});
  std::weak_ptr<connection> connect(network& from, transport over, const endpoint& to, handlers own,
                                    const connect_options& options = {});
  /// Connects from `client()` with `at_client_`.
  std::weak_ptr<connection> connect(const endpoint& to, const connect_options& options = {}, hooks also = {});

  /// One connection from `client()` to `server()`, as `at_client_` and `at_server_` see it.
  link open_link(link_options options = {});
  /// An address of the loopback interface where nobody listens.
  endpoint deserted_endpoint();

  /// How much a test of bulk sends one way.
  [[nodiscard]] std::size_t bulk_bytes() const { return environment_->bulk_bytes(); }

  // These outlive the networks that use them.
  std::unique_ptr<engine_environment> environment_;
  recorder at_server_;
  recorder at_client_;
  log_book log_;

 private:
  std::vector<std::unique_ptr<network>> networks_;
  std::vector<std::weak_ptr<connection>> given_;
  network* server_ = nullptr;
  network* client_ = nullptr;
};

/// The error of a call, or none when it succeeded.
template <typename T>
[[nodiscard]] std::error_code error_of(const result<T>& outcome) {
  return outcome ? std::error_code{} : outcome.error();
}

/// Waits for what has no event of its own.
[[nodiscard]] testing::AssertionResult eventually(const std::function<bool()>& condition);

}  // namespace naru::test
