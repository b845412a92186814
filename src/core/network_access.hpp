#pragma once

#include <memory>
#include <utility>

#include <naru/network.hpp>

#include "core/manager.hpp"
#include "engine/platform.hpp"

namespace naru::core {

/// Makes a network over a platform that the public interface does not offer: the simulated ones of the tests.
struct network_access {
  [[nodiscard]] static std::unique_ptr<network> make(network_options options,
                                                     std::shared_ptr<engine::platform> system) {
    return std::unique_ptr<network>{
        new network{std::make_shared<manager>(std::move(options), std::move(system))}};
  }
};

}  // namespace naru::core
