#include "linux/forger.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include "engine/linux/socket_address.hpp"

namespace naru::test {
namespace {

constexpr std::size_t batch_max = 64;

struct forged_datagram {
  iphdr ip;
  udphdr udp;
  std::array<char, 16> body;
};
static_assert(sizeof(forged_datagram) == 20 + 8 + 16, "as it travels, with nothing in between");

/// The nth one of addresses that look as if they came from everywhere.
std::uint32_t made_up_address(std::uint64_t n) {
  return 0x0a00'0000U | static_cast<std::uint32_t>((n * 0x9e37'79b9'7f4a'7c15) >> 40);
}

forged_datagram forge(std::uint64_t n, const endpoint& to) {
  forged_datagram made = {};
  made.ip.version = 4;
  made.ip.ihl = 5;
  made.ip.ttl = 64;
  made.ip.protocol = IPPROTO_UDP;
  made.ip.tot_len = htons(sizeof made);
  made.ip.saddr = htonl(made_up_address(n));
  std::memcpy(&made.ip.daddr, to.address().data(), sizeof made.ip.daddr);
  made.udp.source = htons(static_cast<std::uint16_t>(1024 + n % 60'000));
  made.udp.dest = htons(to.port());
  made.udp.len = htons(sizeof made - sizeof made.ip);  // a checksum of 0 is none (RFC 768)
  made.body.front() = 'f';
  return made;
}

}  // namespace

forger::forger(const endpoint& to, const habits& how)
    : socket_{::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW)}, to_{to}, how_{how} {
  if (!socket_) throw std::system_error{engine::last_error(), "a raw socket"};
  thread_ = std::thread{[this] { run(); }};
}

void forger::stop() {
  stops_ = true;
  if (thread_.joinable()) thread_.join();
}

void forger::run() {
  const auto begin = std::chrono::steady_clock::now();
  while (!stops_) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    const auto due = static_cast<std::uint64_t>(passed.count() * static_cast<double>(how_.per_second));
    if (due <= sent_) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    } else {
      send_batch(std::min<std::uint64_t>(due - sent_, batch_max));
    }
  }
}

void forger::send_batch(std::uint64_t count) {
  const engine::socket_address target{to_.with_port(0)};
  std::array<forged_datagram, batch_max> datagrams;  // NOLINT: filled as far as they are sent
  std::array<iovec, batch_max> parts = {};
  std::array<mmsghdr, batch_max> headers = {};
  for (std::size_t i = 0; i < count; ++i) {
    datagrams[i] = forge((sent_ + i) / how_.each, to_);
    parts[i] = {.iov_base = &datagrams[i], .iov_len = sizeof datagrams[i]};
    headers[i].msg_hdr.msg_name = const_cast<sockaddr*>(target.data());
    headers[i].msg_hdr.msg_namelen = target.size();
    headers[i].msg_hdr.msg_iov = &parts[i];
    headers[i].msg_hdr.msg_iovlen = 1;
  }
  const int sent = ::sendmmsg(socket_.get(), headers.data(), static_cast<unsigned>(count), 0);
  if (sent > 0) sent_ += static_cast<std::uint64_t>(sent);
}

}  // namespace naru::test
