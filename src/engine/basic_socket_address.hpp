#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <naru/endpoint.hpp>

namespace naru::engine {

/// An IP address in the form of a system's calls. `System` names its types (`any`, `v4`, `v6`: its sockaddr,
/// sockaddr_in and sockaddr_in6; `size_type`) and its numbers for the families (`unspecified`, `ipv4`,
/// `ipv6`). [any]
template <typename System>
class basic_socket_address {
 public:
  using any_type = typename System::any;
  using size_type = typename System::size_type;
  using family_type = decltype(any_type::sa_family);

  /// Room for the system to write one into.
  basic_socket_address() noexcept { value_.any.sa_family = static_cast<family_type>(System::unspecified); }
  explicit basic_socket_address(const endpoint& from) noexcept : basic_socket_address{} {
    if (from.family() == address_family::ipv4) {
      write_v4(from);
    } else if (from.family() == address_family::ipv6) {
      write_v6(from, from.address());
      value_.v6.sin6_scope_id = from.scope_id();
    }
  }
  /// In the form that a socket of this family takes: an IPv6 one takes an IPv4 address mapped (RFC 4291,
  /// 2.5.5.2).
  basic_socket_address(const endpoint& from, int family) noexcept : basic_socket_address{from} {
    if (family != System::ipv6 || from.family() != address_family::ipv4) return;
    endpoint::ipv6_bytes mapped = {};
    mapped[10] = mapped[11] = 0xff;
    std::memcpy(&mapped[12], from.address().data(), 4);
    write_v6(from, mapped);
  }
  /// Copies what the system holds.
  basic_socket_address(const any_type* from, size_type size) noexcept : basic_socket_address{} {
    size_ = std::min(size, static_cast<size_type>(sizeof(storage)));
    std::memcpy(&value_, from, static_cast<std::size_t>(size_));
  }

  /// No address, when what the system wrote is of another family.
  [[nodiscard]] endpoint to_endpoint() const noexcept {
    if (family() == System::ipv4) {
      endpoint::ipv4_bytes bytes = {};
      std::memcpy(bytes.data(), &value_.v4.sin_addr, bytes.size());
      return {bytes, swapped(value_.v4.sin_port)};
    }
    if (family() == System::ipv6) {
      endpoint::ipv6_bytes bytes = {};
      std::memcpy(bytes.data(), &value_.v6.sin6_addr, bytes.size());
      return {bytes, swapped(value_.v6.sin6_port), static_cast<std::uint32_t>(value_.v6.sin6_scope_id)};
    }
    return {};
  }

  static constexpr size_type room_bytes = sizeof(typename System::v6);

  [[nodiscard]] int family() const noexcept { return value_.any.sa_family; }
  [[nodiscard]] any_type* data() noexcept { return &value_.any; }
  [[nodiscard]] const any_type* data() const noexcept { return &value_.any; }
  [[nodiscard]] size_type* size() noexcept { return &size_; }
  [[nodiscard]] size_type size() const noexcept { return size_; }

  /// The address alone, without the port, as control messages hold it.
  [[nodiscard]] const auto& v4_address() const noexcept { return value_.v4.sin_addr; }
  [[nodiscard]] const auto& v6_address() const noexcept { return value_.v6.sin6_addr; }

 private:
  union storage {
    any_type any;
    typename System::v4 v4;
    typename System::v6 v6;
  };

  /// Between this machine's order of bytes and the network's.
  static constexpr std::uint16_t swapped(std::uint16_t port) noexcept {
    if constexpr (std::endian::native == std::endian::big) return port;
    return static_cast<std::uint16_t>(port << 8 | port >> 8);
  }

  void write_v4(const endpoint& from) noexcept {
    value_.v4 = {};
    value_.v4.sin_family = static_cast<family_type>(System::ipv4);
    value_.v4.sin_port = swapped(from.port());
    std::memcpy(&value_.v4.sin_addr, from.address().data(), sizeof value_.v4.sin_addr);
    size_ = sizeof value_.v4;
  }
  template <typename Bytes>
  void write_v6(const endpoint& from, const Bytes& address) noexcept {
    value_.v6 = {};
    value_.v6.sin6_family = static_cast<family_type>(System::ipv6);
    value_.v6.sin6_port = swapped(from.port());
    std::memcpy(&value_.v6.sin6_addr, address.data(), sizeof value_.v6.sin6_addr);
    size_ = sizeof value_.v6;
  }

  storage value_ = {};
  size_type size_ = sizeof(storage);
};

}  // namespace naru::engine
