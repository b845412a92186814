#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <naru/endpoint.hpp>
#include <naru/error.hpp>

namespace naru::engine {

/// What a look-up of a name answers, gathered from a system's list. [any]
class found_addresses {
 public:
  /// Whether a system may be asked for it at all: a zero byte would end the name early, and the answer would
  /// be for another host.
  [[nodiscard]] static bool can_be_asked(const std::string& host) noexcept {
    return host.find('\0') == std::string::npos;
  }

  /// Leaves out what is no IP address, and what is there already: a file of hosts may name an address twice,
  /// and a second attempt at it would only cost time.
  void add(const endpoint& place) {
    if (place.family() == address_family::none) return;
    if (std::find(found_.begin(), found_.end(), place) == found_.end()) found_.push_back(place);
  }

  [[nodiscard]] result<std::vector<endpoint>> take() && {
    if (found_.empty()) return std::unexpected{make_error_code(errc::name_not_found)};
    return std::move(found_);
  }

 private:
  std::vector<endpoint> found_ = {};
};

}  // namespace naru::engine
