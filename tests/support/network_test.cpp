#include "support/network_test.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "core/network_access.hpp"

namespace naru::test {

namespace {

template <typename T>
T value_of(result<T> outcome) {
  if (!outcome) throw std::system_error{outcome.error()};
  if constexpr (!std::is_void_v<T>) return std::move(*outcome);
}

void require(const testing::AssertionResult& outcome) {
  if (!outcome) throw std::runtime_error{outcome.message()};
}

}  // namespace

network_test::network_test() : environment_{GetParam().make()} {}

network_test::~network_test() = default;

void network_test::TearDown() {
  destroy_networks();
  at_server_.verify_ended();
  at_client_.verify_ended();
  for (const auto& shell : given_) EXPECT_TRUE(shell.expired()) << "a connection is held after its end";
}

std::unique_ptr<network> network_test::make_network(network_options options) {
  return make_network(std::move(options), environment_->make_platform());
}

std::unique_ptr<network> network_test::make_network(network_options options,
                                                    std::shared_ptr<engine::platform> platform) {
  return core::network_access::make(std::move(options), std::move(platform));
}

network& network_test::add_network(network_options options) {
  if (!options.log) options.log = log_.handler();
  networks_.push_back(make_network(std::move(options)));
  return *networks_.back();
}

network& network_test::start_network(network_options options) {
  network& made = add_network(std::move(options));
  value_of(made.start());
  return made;
}

network& network_test::server() {
  if (server_ == nullptr) server_ = &start_network();
  return *server_;
}

network& network_test::client() {
  if (client_ == nullptr) client_ = &start_network();
  return *client_;
}

void network_test::destroy_networks() {
  server_ = nullptr;
  client_ = nullptr;
  networks_.clear();
}

endpoint network_test::listen(network& where, handlers own, const connection_options& options) {
  const socket_id id = value_of(where.bind(tcp, environment_->bind_address()));
  value_of(where.listen(id, std::move(own), {.connection = options}));
  return value_of(where.local_endpoint(id));
}

endpoint network_test::listen(const connection_options& options, hooks also) {
  return listen(server(), at_server_.make_handlers(std::move(also)), options);
}

std::weak_ptr<connection> network_test::connect(network& from, const endpoint& to, handlers own,
                                                const connect_options& options) {
  return connect(from, tcp, to, std::move(own), options);
}

std::weak_ptr<connection> network_test::connect(network& from, transport over, const endpoint& to,
                                                handlers own, const connect_options& options) {
  given_.push_back(value_of(from.connect(over, to, std::move(own), options)));
  return given_.back();
}

std::weak_ptr<connection> network_test::connect(const endpoint& to, const connect_options& options,
                                                hooks also) {
  at_client_.expect_connection();
  return connect(client(), to, at_client_.make_handlers(std::move(also)), options);
}

link network_test::open_link(link_options options) {
  const std::size_t there = at_server_.all().size();
  const auto here = static_cast<std::size_t>(std::ranges::count_if(at_client_.all(), &record::connected));
  const endpoint where = listen(options.server, std::move(options.at_server));
  link made;
  made.client = connect(where, {.connection = options.client}, std::move(options.at_client)).lock();
  require(at_client_.connected(here + 1));
  require(at_server_.connected(there + 1));
  made.server = at_server_.shell(there);
  if (!made.client || !made.server) throw std::runtime_error{"a connection ended as soon as it was there"};
  return made;
}

endpoint network_test::deserted_endpoint() {
  const socket_id id = value_of(server().bind(tcp, environment_->bind_address()));
  const endpoint where = value_of(server().local_endpoint(id));
  value_of(server().close(id));
  return where;
}

testing::AssertionResult eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return testing::AssertionFailure() << "it did not become true in time";
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return testing::AssertionSuccess();
}

}  // namespace naru::test
