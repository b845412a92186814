#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <naru/endpoint.hpp>
#include <naru/options.hpp>

namespace naru::program {

/// Where to listen, or where something listens.
struct listen_address {
  transport over = transport::tcp;
  endpoint at = {};
};

/// Where to connect to: a host and a port.
struct remote_address {
  transport over = transport::tcp;
  std::string at = {};
};

/// What people call it.
[[nodiscard]] constexpr std::string_view name_of(transport over) noexcept {
  return over == transport::tcp ? "TCP" : "UDP";
}

/// The option that takes such an address.
[[nodiscard]] constexpr std::string_view option_of(transport over) noexcept {
  return over == transport::tcp ? "--tcp" : "--udp";
}

/// The most that a datagram holds (RFC 768, RFC 791).
inline constexpr std::size_t datagram_bytes_most = udp_options{}.max_datagram_bytes;

}  // namespace naru::program
