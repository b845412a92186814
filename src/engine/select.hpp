#pragma once

#include <memory>

#include <naru/error.hpp>
#include <naru/options.hpp>

#include "engine/platform.hpp"

/// The one place where an operating system is chosen: CMake compiles the folder of the system that is built
/// for, and that folder defines these.
namespace naru::engine {

/// The platform with the engine that was asked for. Errors: `engine_unavailable`. [any]
[[nodiscard]] result<std::shared_ptr<platform>> select_platform(engine_kind kind);

/// Prepares the process for networking, and undoes it. Called in turn, never twice. [any]
[[nodiscard]] std::error_code process_start() noexcept;
void process_finish() noexcept;

}  // namespace naru::engine
