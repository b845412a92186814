#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <naru/error.hpp>
#include <naru/export.hpp>

namespace naru {

enum class address_family : std::uint8_t { none, ipv4, ipv6 };

/// An IP address and a port: one end of a connection, or a place to bind to.
///
/// A small value; copying it is as safe as copying an int. An IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2) is
/// the IPv4 address that it maps, so that a peer compares equal however the listening socket was bound.
class NARU_API endpoint {
 public:
  using ipv4_bytes = std::array<std::uint8_t, 4>;
  using ipv6_bytes = std::array<std::uint8_t, 16>;

  /// No address at all: `family()` is `none`.
  constexpr endpoint() noexcept = default;
  constexpr endpoint(const ipv4_bytes& address, std::uint16_t port) noexcept
      : port_{port}, family_{address_family::ipv4} {
    for (std::size_t i = 0; i < address.size(); ++i) address_[i] = address[i];
  }
  endpoint(const ipv6_bytes& address, std::uint16_t port, std::uint32_t scope_id = 0) noexcept;

  /// Reads `127.0.0.1:80`, `[::1]:80`, `[fe80::1%2]:80` (the scope as a number), or `:80` and `*:80`, which
  /// are the IPv6 wildcard and, bound, take IPv4 as well. The port is 0 to 65535; names are not looked up
  /// here.
  ///
  /// Errors: `invalid_endpoint`.
  [[nodiscard]] static result<endpoint> parse(std::string_view text);

  [[nodiscard]] static endpoint any_ipv4(std::uint16_t port) noexcept { return {ipv4_bytes{}, port}; }
  [[nodiscard]] static endpoint any_ipv6(std::uint16_t port) noexcept { return {ipv6_bytes{}, port}; }
  [[nodiscard]] static endpoint loopback_ipv4(std::uint16_t port) noexcept {
    return {ipv4_bytes{127, 0, 0, 1}, port};
  }
  [[nodiscard]] static endpoint loopback_ipv6(std::uint16_t port) noexcept {
    return {ipv6_bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, port};
  }

  [[nodiscard]] address_family family() const noexcept { return family_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// The IPv6 scope (RFC 4007), 0 where there is none.
  [[nodiscard]] std::uint32_t scope_id() const noexcept { return scope_id_; }
  /// The address in network order. IPv4 uses the first four bytes, the rest is zero.
  [[nodiscard]] const ipv6_bytes& address() const noexcept { return address_; }
  [[nodiscard]] bool is_wildcard() const noexcept;
  /// The same address with another port.
  [[nodiscard]] endpoint with_port(std::uint16_t port) const noexcept;

  /// `127.0.0.1` or `fe80::1%2`, in the form of RFC 5952.
  [[nodiscard]] std::string address_text() const;
  /// `127.0.0.1:80` or `[::1]:80`; parses back to an equal endpoint. `-` for no address.
  [[nodiscard]] std::string to_string() const;

  [[nodiscard]] friend bool operator==(const endpoint&, const endpoint&) noexcept = default;
  [[nodiscard]] friend auto operator<=>(const endpoint&, const endpoint&) noexcept = default;

 private:
  ipv6_bytes address_ = {};
  std::uint32_t scope_id_ = 0;
  std::uint16_t port_ = 0;
  address_family family_ = address_family::none;
};

/// A host as a user writes it, and a port.
struct host_port {
  std::string host = {};
  std::uint16_t port = 0;

  /// Splits `name:port`, `1.2.3.4:port` or `[::1]:port`. The host must not be empty; the port is 1 to 65535.
  ///
  /// Errors: `invalid_endpoint`.
  [[nodiscard]] NARU_API static result<host_port> parse(std::string_view text);
};

}  // namespace naru

template <>
struct NARU_API std::hash<naru::endpoint> {
  [[nodiscard]] std::size_t operator()(const naru::endpoint& value) const noexcept;
};
