#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <system_error>

#include <naru/endpoint.hpp>

#include "base/intrusive_list.hpp"
#include "engine/datagrams.hpp"
#include "engine/windows/iocp/operation.hpp"
#include "engine/windows/socket_address.hpp"
#include "engine/windows/windows_headers.hpp"

namespace naru::engine {

struct slot_tag;

/// A receive of one datagram, and the memory for it. As large as the largest: what does not fit is reported
/// in another way on every system. [worker]
class datagram_slot final : public operation, public base::list_node<slot_tag> {
 public:
  static constexpr std::size_t bytes_max = std::size_t{64} << 10;

  /// Null when there is no memory.
  [[nodiscard]] static std::unique_ptr<datagram_slot> make(iocp_source& owner) noexcept;

  enum class state : std::uint8_t { under_way, filled, failed, canceled };
  state now = state::canceled;
  std::error_code error = {};
  std::size_t filled_bytes = 0;

  /// What a call fills in, cleared from the last one.
  [[nodiscard]] WSAMSG* message() noexcept;
  /// What came. `local` and `remote` stand where the system says nothing else.
  [[nodiscard]] arrival read(const endpoint& local, const endpoint& remote) const noexcept;

 private:
  using operation::operation;

  std::unique_ptr<std::byte[]> memory_ = nullptr;
  WSAMSG message_ = {};
  WSABUF part_ = {};
  socket_address remote_ = {};
  /// Which address it was sent to.
  alignas(WSACMSGHDR) std::array<char, 128> control_ = {};
};

}  // namespace naru::engine
