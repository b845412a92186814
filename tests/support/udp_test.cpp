#include "support/udp_test.hpp"

#include <stdexcept>
#include <utility>

namespace naru::test {

endpoint udp_test::lease(const listen_options& options, hooks also) {
  return lease(server(), environment_->bind_address(), options, std::move(also));
}

endpoint udp_test::lease(network& where, const endpoint& local, const listen_options& options, hooks also) {
  leased_ = where.bind(udp, local).value();
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
  link made;
  made.client = connect_udp(to, options, std::move(also));
  made.client->send("first").value();
  if (const auto there = at_server_.connected(renters_ + 1); !there) {
    throw std::runtime_error{there.message()};
  }
  made.server = at_server_.shell(renters_++);
  if (made.server == nullptr) throw std::runtime_error{"a renter ended as soon as it was there"};
  return made;
}

link udp_test::open_pair(const listen_options& options, hooks at_server) {
  return open_pair(lease(options, std::move(at_server)));
}

hooks udp_test::echo() {
  return {.received = [](connection& peer, bytes_view message) { EXPECT_TRUE(peer.send(message)); }};
}

}  // namespace naru::test
