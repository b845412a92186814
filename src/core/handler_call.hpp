#pragma once

#include <exception>
#include <string>

#include "core/logger.hpp"
#include "core/worker.hpp"

namespace naru::core {

class shell;

/// Writes a line that names the connection. [any]
void log_about(const logger& log, log_level level, const shell& connection, const std::string& what) noexcept;

/// Calls something of the user's. An exception goes no further than here: it is logged, and the answer is
/// false. [worker]
template <typename Call, typename Log>
bool guarded_call(worker& at, const char* name, Call&& call, Log&& log) noexcept {
  bool returned = false;
  at.time_has_passed();
  try {
    call();
    returned = true;
  } catch (const std::exception& thrown) {
    log(std::string{name} + " threw: " + thrown.what());
  } catch (...) {
    log(std::string{name} + " threw something that is no std::exception");
  }
  at.time_has_passed();
  return returned;
}

/// The same for a handler of a connection, which the log names. [worker]
template <typename Call>
bool guarded_call(worker& at, const shell& connection, const char* name, Call&& call) noexcept {
  return guarded_call(at, name, call, [&](const std::string& line) {
    log_about(at.log(), log_level::error, connection, line);
  });
}

/// The same for a handler that no connection has. [worker]
template <typename Call>
bool guarded_call(worker& at, const char* name, Call&& call) noexcept {
  return guarded_call(at, name, call,
                      [&](const std::string& line) { at.log().write(log_level::error, line); });
}

}  // namespace naru::core
