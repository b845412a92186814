#include "engine/linux/datagram_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include <netinet/in.h>
#include <netinet/udp.h>

#include "base/assert.hpp"
#include "engine/linux/descriptor.hpp"

namespace naru::engine {
namespace {

template <typename Value>
void add(msghdr& header, int level, int type, const Value& value) noexcept {
  auto* const item =
      reinterpret_cast<cmsghdr*>(static_cast<std::byte*>(header.msg_control) + header.msg_controllen);
  item->cmsg_level = level;
  item->cmsg_type = type;
  item->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(item), &value, sizeof value);
  header.msg_controllen += CMSG_SPACE(sizeof value);
}

void add_local(msghdr& header, int family, const endpoint& local) noexcept {
  const socket_address address{local, family};
  if (family == AF_INET) {
    in_pktinfo info = {};
    info.ipi_spec_dst = address.v4_address();
    add(header, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info = {};
    info.ipi6_addr = address.v6_address();
    info.ipi6_ifindex = local.scope_id();
    add(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

bool same(const endpoint* one, const endpoint* other) noexcept {
  return one == other || (one != nullptr && other != nullptr && *one == *other);
}

bool lacks_room(int error) noexcept {
  return error == EAGAIN || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

std::unique_ptr<datagram_writer> datagram_writer::make() {
  return std::unique_ptr<datagram_writer>{new (std::nothrow) datagram_writer};
}

std::size_t datagram_writer::joined_count(const datagram_route& route,
                                          std::span<const departure> batch) noexcept {
  const departure& first = batch.front();
  const std::size_t size = first.bytes.size();
  if (size == 0 || size > route.joined_bytes_max) return 1;
  const std::size_t most = std::min({batch.size(), joined_max, joined_total_max / size});
  std::size_t count = 1;
  while (count < most && batch[count].bytes.size() <= size && !batch[count].bytes.empty() &&
         (route.connected || same(batch[count].remote, first.remote)) &&
         same(batch[count].local, first.local)) {
    if (batch[count++].bytes.size() < size) break;  // only the last one may be smaller
  }
  return count;
}

void datagram_writer::write_message(const datagram_route& route, std::span<const departure> joined,
                                    std::size_t index, iovec* parts) noexcept {
  msghdr& header = headers_[index].msg_hdr;
  header = {};
  if (!route.connected) {
    remotes_[index] = socket_address{*joined.front().remote, route.family};
    header.msg_name = remotes_[index].data();
    header.msg_namelen = std::as_const(remotes_[index]).size();
  }
  for (std::size_t i = 0; i < joined.size(); ++i) {
    const bytes_view bytes = joined[i].bytes;
    parts[i] = {.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
  }
  header.msg_iov = parts;
  header.msg_iovlen = joined.size();
  header.msg_control = controls_[index].bytes.data();
  const endpoint* const local = joined.front().local;
  if (route.names_local && local != nullptr && local->family() != address_family::none) {
    add_local(header, route.family, *local);
  }
  if (joined.size() > 1) {
    add(header, SOL_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(joined.front().bytes.size()));
  }
}

std::ptrdiff_t datagram_writer::submit(const datagram_route& route, std::span<const departure> batch,
                                       bool may_join) noexcept {
  std::size_t messages = 0;
  for (std::size_t done = 0; done < batch.size(); ++messages) {
    const auto rest = batch.subspan(done);
    const std::size_t count = may_join ? joined_count(route, rest) : 1;
    write_message(route, rest.first(count), messages, &parts_[done]);
    counts_[messages] = static_cast<std::uint8_t>(count);
    done += count;
  }
  int sent = 0;
  do {
    sent = ::sendmmsg(route.socket, headers_.data(), static_cast<unsigned>(messages),
                      MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return -1;
  std::ptrdiff_t datagrams = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(sent); ++i) datagrams += counts_[i];
  return datagrams;
}

bool datagram_writer::send_apart(datagram_route& route, std::span<const departure> joined,
                                 std::ptrdiff_t& sent) noexcept {
  const int error = errno;
  if (error != EMSGSIZE && error != EINVAL && error != EIO && error != EOPNOTSUPP) return false;
  sent = submit(route, joined, false);
  if (sent <= 0) return false;
  // The device, or the socket as it is set, joins none. A path that joins none so large is one peer's matter:
  // on a shared socket nothing is concluded from it for others.
  if (error == EIO || error == EOPNOTSUPP) {
    route.joined_bytes_max = 0;
  } else if (route.connected) {
    route.joined_bytes_max = joined.front().bytes.size() - 1;
  }
  return true;
}

datagrams_sent datagram_writer::send(datagram_route& route, std::span<const departure> batch,
                                     std::error_code& earlier) noexcept {
  NARU_ASSERT(batch.size() <= datagram_socket::departures_max, "a batch has a largest size");
  std::size_t done = 0;
  bool may_blame_the_past = route.connected;
  while (done < batch.size()) {
    const std::span<const departure> rest = batch.subspan(done);
    std::ptrdiff_t sent = submit(route, rest, true);
    const std::size_t joined = sent < 0 ? joined_count(route, rest) : 1;
    if (sent >= 0 || (joined > 1 && send_apart(route, rest.first(joined), sent))) {
      done += static_cast<std::size_t>(sent);
      may_blame_the_past = route.connected;
      continue;
    }
    const int error = errno;
    if (error == EAGAIN) return {.state = datagrams_sent::status::waits, .count = done};
    if (lacks_room(error)) return {.state = datagrams_sent::status::no_room, .count = done};
    const std::error_code failure{error, std::system_category()};
    // An ICMP error of before is told by whichever call comes next, which then has done nothing (udp(7)).
    if (!may_blame_the_past) {
      if (earlier == failure) earlier = {};  // it was no error of before: it is this one, twice
      return {.state = datagrams_sent::status::failed, .count = done, .error = failure};
    }
    may_blame_the_past = false;
    earlier = failure;
  }
  return {.state = datagrams_sent::status::taken, .count = done};
}

}  // namespace naru::engine
