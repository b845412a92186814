#include "linux/udp_peer.hpp"

#include <system_error>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

#include "engine/linux/socket_address.hpp"
#include "support/patience.hpp"

namespace naru::test {
namespace {

constexpr std::size_t datagram_bytes_max = 65'536;

void check(bool succeeded) {
  if (!succeeded) throw std::system_error{engine::last_error()};
}

}  // namespace

udp_peer::udp_peer(const endpoint& local) {
  const engine::socket_address address{local};
  socket_ = engine::descriptor{::socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  check(::bind(socket_.get(), address.data(), address.size()) == 0);
}

void udp_peer::connect(const endpoint& remote) {
  const engine::socket_address address{remote};
  check(::connect(socket_.get(), address.data(), address.size()) == 0);
}

void udp_peer::send(std::string_view bytes) {
  check(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0);
}

void udp_peer::send_to(const endpoint& remote, std::string_view bytes) {
  const engine::socket_address address{remote};
  check(::sendto(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL, address.data(), address.size()) >=
        0);
}

std::optional<std::string> udp_peer::receive() {
  pollfd look = {.fd = socket_.get(), .events = POLLIN, .revents = 0};
  const auto longest = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
  check(::poll(&look, 1, static_cast<int>(longest.count())) >= 0);
  return receive_now();
}

std::optional<std::string> udp_peer::receive_now() {
  std::string bytes(datagram_bytes_max, '\0');
  engine::socket_address from;
  const ssize_t count =
      ::recvfrom(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT, from.data(), from.size());
  if (count < 0 && errno == EAGAIN) return std::nullopt;
  check(count >= 0);
  bytes.resize(static_cast<std::size_t>(count));
  sender_ = from.to_endpoint();
  return bytes;
}

endpoint udp_peer::local() const {
  return engine::local_endpoint_of(socket_.get());
}

}  // namespace naru::test
