#pragma once

#include <exception>
#include <string>

#include "core/logger.hpp"
#include "core/worker.hpp"

namespace naru::core {

class shell;

/// Writes a line that names the connection. [any]
void log_about(const logger& log, log_level level, const shell& connection, const std::string& what) noexcept;

/// What a handler is about that no connection has.
struct no_connection {};
void log_about(const logger& log, log_level level, no_connection, const std::string& what) noexcept;

/// Calls something of the user's, about a connection or `no_connection`. An exception goes no further than
/// here: it is logged, and the answer is false. [worker]
template <typename About, typename Call>
bool guarded_call(worker& at, const About& about, const char* name, Call&& call) noexcept {
  bool returned = false;
  at.time_has_passed();
  try {
    call();
    returned = true;
  } catch (const std::exception& thrown) {
    log_about(at.log(), log_level::error, about, std::string{name} + " threw: " + thrown.what());
  } catch (...) {
    log_about(at.log(), log_level::error, about,
              std::string{name} + " threw something that is no std::exception");
  }
  at.time_has_passed();
  return returned;
}

}  // namespace naru::core
