#include "core/handler_call.hpp"

#include <cstdint>

#include "core/shell.hpp"

namespace naru::core {

void log_about(const logger& log, log_level level, const shell& connection,
               const std::string& what) noexcept {
  if (!log.wants(level)) return;
  const endpoint remote = connection.remote();
  log.write(level, "connection " + std::to_string(static_cast<std::uint64_t>(connection.number())) + " (" +
                       remote.to_string() + "): " + what);
}

void log_about(const logger& log, log_level level, no_connection /*unused*/,
               const std::string& what) noexcept {
  log.write(level, what);
}

void log_about(const logger& log, log_level level, const newcomer& peer, const std::string& what) noexcept {
  if (!log.wants(level)) return;
  log.write(level, what + ", about " + peer.remote.to_string() + ", who is refused");
}

}  // namespace naru::core
