#pragma once

#include <chrono>
#include <cstddef>

#include <naru/endpoint.hpp>

namespace naru::core {

/// What a connect aims at: an address, or a name whose addresses are to be looked up.
struct connect_target {
  endpoint address = {};
  host_port name = {};
};

/// All that a worker has to know of it, beside the connection itself.
struct connect_plan {
  connect_target target = {};
  /// 0: none.
  std::chrono::milliseconds timeout = {};
  std::size_t receive_buffer_bytes = 0;
};

}  // namespace naru::core
