#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <naru/endpoint.hpp>
#include <naru/error.hpp>

namespace naru::engine {

/// `platform::resolve`. [any]
[[nodiscard]] result<std::vector<endpoint>> resolve_host(const std::string& host, std::uint16_t port);

}  // namespace naru::engine
