#include "engine/linux/datagram_reader.hpp"

#include <cerrno>
#include <cstring>
#include <new>

#include <netinet/in.h>
#include <netinet/udp.h>

#include "engine/linux/descriptor.hpp"

namespace naru::engine {
namespace {

template <typename Value>
Value value_of(const cmsghdr& item) noexcept {
  Value value;  // NOLINT: filled in the next line
  std::memcpy(&value, CMSG_DATA(&item), sizeof value);
  return value;
}

/// A datagram to a group has no address here that an answer could leave from.
bool is_multicast(const in6_addr& address) noexcept {
  return IN6_IS_ADDR_MULTICAST(&address);
}

endpoint endpoint_of(const in_pktinfo& info, std::uint16_t port) noexcept {
  endpoint::ipv4_bytes bytes = {};
  // The address of this host that stands for where it was sent: the same, but for broadcasts and groups.
  std::memcpy(bytes.data(), &info.ipi_spec_dst, bytes.size());
  return {bytes, port};
}

endpoint endpoint_of(const in6_pktinfo& info, std::uint16_t port) noexcept {
  if (is_multicast(info.ipi6_addr)) return {};
  endpoint::ipv6_bytes bytes = {};
  std::memcpy(bytes.data(), &info.ipi6_addr, bytes.size());
  const bool is_scoped = IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr);
  return {bytes, port, is_scoped ? info.ipi6_ifindex : 0};
}

void look_at(const cmsghdr& item, datagram_reader::message& found) noexcept {
  if (item.cmsg_level == SOL_UDP && item.cmsg_type == UDP_GRO) {
    found.datagram_bytes = static_cast<std::size_t>(value_of<int>(item));
  } else if (item.cmsg_level == IPPROTO_IP && item.cmsg_type == IP_PKTINFO) {
    found.whole.local = endpoint_of(value_of<in_pktinfo>(item), found.whole.local.port());
  } else if (item.cmsg_level == IPPROTO_IPV6 && item.cmsg_type == IPV6_PKTINFO) {
    found.whole.local = endpoint_of(value_of<in6_pktinfo>(item), found.whole.local.port());
  } else if (item.cmsg_level == SOL_SOCKET && item.cmsg_type == SO_RXQ_OVFL) {
    found.lost_so_far = value_of<std::uint32_t>(item);
  }
}

}  // namespace

std::unique_ptr<datagram_reader> datagram_reader::make(std::size_t bytes_each) {
  std::unique_ptr<datagram_reader> made{new (std::nothrow) datagram_reader{bytes_each}};
  if (made == nullptr) return nullptr;
  // Not touched here: what is never received into costs no memory.
  made->memory_.reset(new (std::nothrow) std::byte[made->stride() * messages_max]);
  if (made->memory_ == nullptr) return nullptr;
  for (std::size_t i = 0; i < messages_max; ++i) {
    made->parts_[i] = {.iov_base = made->place(i), .iov_len = bytes_each};
    msghdr& header = made->headers_[i].msg_hdr;
    header.msg_iov = &made->parts_[i];
    header.msg_iovlen = 1;
    header.msg_name = made->remotes_[i].data();
    header.msg_control = made->controls_[i].bytes.data();
  }
  return made;
}

result<std::size_t> datagram_reader::read(int socket) noexcept {
  for (mmsghdr& each : headers_) {  // the last call has left there what it found
    each.msg_hdr.msg_namelen = socket_address::room_bytes;
    each.msg_hdr.msg_controllen = sizeof(control);
  }
  int count = 0;
  do {
    count = ::recvmmsg(socket, headers_.data(), messages_max, MSG_DONTWAIT, nullptr);
  } while (count < 0 && errno == EINTR);
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno == EAGAIN) return 0;
  return std::unexpected{last_error()};
}

datagram_reader::message datagram_reader::at(std::size_t index, const endpoint& local,
                                             const endpoint& remote) const noexcept {
  const msghdr& header = headers_[index].msg_hdr;
  const std::size_t bytes = headers_[index].msg_len;
  const bool is_named = header.msg_namelen != 0;
  message found = {.whole = {.remote = is_named ? remotes_[index].to_endpoint() : remote,
                             .local = local,
                             .bytes = {place(index), bytes}},
                   .datagram_bytes = bytes,
                   .truncated = (header.msg_flags & MSG_TRUNC) != 0};
  for (const cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr;
       item = CMSG_NXTHDR(const_cast<msghdr*>(&header), const_cast<cmsghdr*>(item))) {
    look_at(*item, found);
  }
  return found;
}

}  // namespace naru::engine
