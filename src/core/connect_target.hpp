#pragma once

#include <naru/endpoint.hpp>

namespace naru::core {

/// What a connect aims at: an address, or a name whose addresses are to be looked up.
struct connect_target {
  endpoint address = {};
  host_port name = {};
};

}  // namespace naru::core
