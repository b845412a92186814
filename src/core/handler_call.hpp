#pragma once

#include <exception>
#include <string>

#include <naru/endpoint.hpp>
#include <naru/socket_id.hpp>

#include "core/handler_watch.hpp"
#include "core/logger.hpp"
#include "core/worker.hpp"

namespace naru::core {

class shell;

/// Writes a line that names the connection. [any]
void log_about(const logger& log, log_level level, const shell& connection, const std::string& what) noexcept;

/// What a handler is about that no connection has.
struct no_connection {
  [[nodiscard]] static constexpr connection_id number() noexcept { return {}; }
};
void log_about(const logger& log, log_level level, no_connection, const std::string& what) noexcept;

/// Somebody of whom nothing is known but where he is.
struct newcomer : no_connection {
  const endpoint& remote;
  explicit newcomer(const endpoint& from) noexcept : remote{from} {}
};
void log_about(const logger& log, log_level level, const newcomer& peer, const std::string& what) noexcept;

/// Logs what has just been caught. Out of the way of those that throw nothing. [worker]
template <typename About>
[[gnu::cold, gnu::noinline]] void log_caught(const logger& log, const About& about,
                                             handler_kind which) noexcept {
  const std::string name{which.name()};
  try {
    throw;
  } catch (const std::exception& thrown) {
    log_about(log, log_level::error, about, name + " threw: " + thrown.what());
  } catch (...) {
    log_about(log, log_level::error, about, name + " threw something that is no std::exception");
  }
}

/// Calls something of the user's, about a connection or `no_connection`, and lets others see that it runs. An
/// exception goes no further than here: it is logged, and the answer is false. [worker]
template <typename About, typename Call>
bool guarded_call(worker& at, const About& about, handler_kind which, Call&& call) noexcept {
  at.time_has_passed();
  at.watch().begin(about.number(), which);
  try {
    call();
  } catch (...) {
    log_caught(at.log(), about, which);
    at.watch().end();
    at.time_has_passed();
    return false;
  }
  at.watch().end();
  at.time_has_passed();
  return true;
}

}  // namespace naru::core
