#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "base/clock.hpp"
#include "engine/platform.hpp"
#include "engine/windows/socket_calls.hpp"

namespace naru::engine {

/// Windows with the engine on completion ports. [any]
class windows_platform final : public platform {
 public:
  /// `adjust` puts other calls in the place of Winsock's, in every engine: for tests.
  explicit windows_platform(void (*adjust)(socket_calls&) = nullptr) noexcept : adjust_{adjust} {}

  [[nodiscard]] result<std::unique_ptr<engine>> make_engine() override;
  [[nodiscard]] result<bound_socket> bind_stream(const endpoint& local, const bind_options& options) override;
  [[nodiscard]] result<bound_datagrams> bind_datagrams(const endpoint& local, const bind_options& options,
                                                       unsigned count) override;
  [[nodiscard]] std::error_code listen(const raw_socket& socket, unsigned accept_queue_max) override;
  [[nodiscard]] result<std::vector<endpoint>> resolve(const std::string& host, std::uint16_t port) override;
  [[nodiscard]] std::error_code fill_random(std::span<std::byte> place) noexcept override;
  [[nodiscard]] const base::clock& time() const noexcept override { return clock_; }

 private:
  void (*adjust_)(socket_calls&);
  base::steady_clock clock_ = {};
};

}  // namespace naru::engine
