#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <naru/bytes.hpp>
#include <naru/connection.hpp>

namespace naru::program {

/// What a load writes into its messages, so that one that was changed, swapped, or given to somebody else is
/// told from the right one: the sequence number (8 bytes) and the number of the connection (4 bytes), both
/// little-endian and as far as the size allows, then bytes that differ from message to message.
class message_pattern {
 public:
  /// The least that a message takes to carry its sequence number.
  static constexpr std::size_t sequence_bytes = 8;

  explicit message_pattern(std::size_t message_bytes);

  /// Sends one message.
  result<void> send(connection& peer, std::uint32_t flow, std::uint64_t sequence) const;
  /// Whether it is exactly that message.
  [[nodiscard]] bool matches(bytes_view message, std::uint32_t flow, std::uint64_t sequence) const noexcept;
  /// The sequence number that a message claims; none where there is no room for a whole one.
  [[nodiscard]] std::optional<std::uint64_t> claimed_sequence(bytes_view message) const noexcept;

 private:
  static constexpr std::size_t flow_bytes = 4;
  static constexpr std::size_t variants = 61;  // prime, so that no power of two between messages goes unseen
  using head = std::array<std::byte, sequence_bytes + flow_bytes>;

  [[nodiscard]] static head head_of(std::uint32_t flow, std::uint64_t sequence) noexcept;
  [[nodiscard]] bytes_view body_of(std::uint32_t flow, std::uint64_t sequence) const noexcept;

  std::size_t head_bytes_;
  std::size_t body_bytes_;
  std::vector<std::byte> noise_;  // each message's body is a window into it
};

}  // namespace naru::program
