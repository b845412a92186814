#pragma once

#include <memory>

#include <naru/handlers.hpp>

namespace naru::bench {

/// One send for each message.
[[nodiscard]] std::shared_ptr<const handlers> echo_handlers();

}  // namespace naru::bench
