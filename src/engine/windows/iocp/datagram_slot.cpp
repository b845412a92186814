#include "engine/windows/iocp/datagram_slot.hpp"

#include <cstring>
#include <new>

namespace naru::engine {
namespace {

template <typename Value>
Value value_of(WSACMSGHDR& item) noexcept {
  Value value;  // NOLINT: filled in the next line
  std::memcpy(&value, WSA_CMSG_DATA(&item), sizeof value);
  return value;
}

endpoint endpoint_of(const IN_PKTINFO& info, std::uint16_t port) noexcept {
  endpoint::ipv4_bytes bytes = {};
  std::memcpy(bytes.data(), &info.ipi_addr, bytes.size());
  // An answer can leave neither from a group nor from a broadcast.
  if (bytes[0] >= 224) return {};
  return {bytes, port};
}

endpoint endpoint_of(const IN6_PKTINFO& info, std::uint16_t port) noexcept {
  endpoint::ipv6_bytes bytes = {};
  std::memcpy(bytes.data(), &info.ipi6_addr, bytes.size());
  if (bytes[0] == 0xff) return {};
  const bool is_scoped = bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
  return {bytes, port, is_scoped ? static_cast<std::uint32_t>(info.ipi6_ifindex) : 0};
}

}  // namespace

std::unique_ptr<datagram_slot> datagram_slot::make(iocp_source& owner) noexcept {
  std::unique_ptr<datagram_slot> made{new (std::nothrow) datagram_slot{owner}};
  if (made == nullptr) return nullptr;
  made->memory_.reset(new (std::nothrow) std::byte[bytes_max]);
  return made->memory_ == nullptr ? nullptr : std::move(made);
}

WSAMSG* datagram_slot::message() noexcept {
  part_ = {.len = static_cast<ULONG>(bytes_max), .buf = reinterpret_cast<char*>(memory_.get())};
  remote_ = {};
  message_ = {};
  message_.name = remote_.data();
  message_.namelen = socket_address::room_bytes;
  message_.lpBuffers = &part_;
  message_.dwBufferCount = 1;
  message_.Control = {.len = static_cast<ULONG>(control_.size()), .buf = control_.data()};
  return &message_;
}

arrival datagram_slot::read(const endpoint& local, const endpoint& remote) const noexcept {
  const endpoint named = remote_.to_endpoint();
  arrival found = {.remote = named.family() == address_family::none ? remote : named,
                   .local = local,
                   .bytes = {memory_.get(), filled_bytes}};
  auto* const message = const_cast<WSAMSG*>(&message_);
  for (WSACMSGHDR* item = WSA_CMSG_FIRSTHDR(message); item != nullptr;
       item = WSA_CMSG_NXTHDR(message, item)) {
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
      found.local = endpoint_of(value_of<IN_PKTINFO>(*item), local.port());
    } else if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
      found.local = endpoint_of(value_of<IN6_PKTINFO>(*item), local.port());
    }
  }
  return found;
}

}  // namespace naru::engine
