#include "support/udp_test.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

namespace naru::test {

endpoint udp_test::lease(const listen_options& options, hooks also) {
  return lease(server(), environment_->bind_address(), options, std::move(also));
}

endpoint udp_test::lease(network& where, const endpoint& local, const listen_options& options, hooks also,
                         const bind_options& bound) {
  leased_ = where.bind(udp, local, bound).value();
  where.listen(leased_, at_server_.make_handlers(std::move(also)), options).value();
  return where.local_endpoint(leased_).value();
}

std::shared_ptr<connection> udp_test::connect_udp(const endpoint& to, const connect_options& options,
                                                  hooks also) {
  auto made = connect(client(), udp, to, at_client_.make_handlers(std::move(also)), options).lock();
  if (made == nullptr) throw std::runtime_error{"a connection ended as soon as it was there"};
  return made;
}

link udp_test::open_pair(const endpoint& to, const connect_options& options, hooks also) {
  const std::size_t index = at_server_.all().size();
  link made;
  made.client = connect_udp(to, options, std::move(also));
  made.client->send("first").value();
  if (const auto there = at_server_.connected(index + 1); !there) {
    throw std::runtime_error{there.message()};
  }
  // So that nothing that the test does meanwhile comes before that message.
  if (const auto heard = eventually([&] { return !at_server_.at(index).messages.empty(); }); !heard) {
    throw std::runtime_error{heard.message()};
  }
  made.server = at_server_.shell(index);
  if (made.server == nullptr) throw std::runtime_error{"a renter ended as soon as it was there"};
  return made;
}

link udp_test::open_pair(const listen_options& options, hooks at_server) {
  return open_pair(lease(options, std::move(at_server)));
}

endpoint udp_test::deserted_udp_endpoint() {
  const socket_id id = server().bind(udp, environment_->bind_address()).value();
  const endpoint where = server().local_endpoint(id).value();
  server().close(id).value();
  return where;
}

testing::AssertionResult udp_test::turn_until(network& polled, const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return testing::AssertionFailure() << "not in time";
    if (const auto turned = polled.poll(std::chrono::milliseconds{10}); !turned) {
      return testing::AssertionFailure() << turned.error();
    }
  }
  return testing::AssertionSuccess();
}

std::size_t udp_test::server_closed_count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(at_server_.all(), [](const record& each) { return each.closed.has_value(); }));
}

hooks udp_test::echo() {
  return {.received = [](connection& peer, bytes_view message) { EXPECT_TRUE(peer.send(message)); }};
}

udp_time_test::udp_time_test(const engine::simulated::hostility& manners) {
  environment_ =
      std::make_unique<engine_environment>(manners, engine::simulated::world_options{.manual_time = true});
}

void udp_time_test::pass(std::chrono::milliseconds time) {
  settle();
  environment_->world().advance(time);
  settle();
}

}  // namespace naru::test
