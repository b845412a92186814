#include "message_pattern.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <random>

namespace naru::program {

namespace {

template <typename Number>
void store_little_endian(Number value, std::byte* to) noexcept {
  for (std::size_t i = 0; i < sizeof value; ++i) to[i] = static_cast<std::byte>((value >> (8 * i)) & 0xffU);
}

}  // namespace

message_pattern::message_pattern(std::size_t message_bytes)
    : head_bytes_{std::min(message_bytes, sequence_bytes + flow_bytes)},
      body_bytes_{message_bytes - head_bytes_} {
  noise_.resize(body_bytes_ + variants);
  std::minstd_rand random;  // the same noise in every run
  std::ranges::generate(noise_, [&random] { return static_cast<std::byte>((random() >> 8U) & 0xffU); });
}

result<void> message_pattern::send(connection& peer, std::uint32_t flow, std::uint64_t sequence) const {
  const auto begin = head_of(flow, sequence);
  return peer.send({bytes_view{begin}.first(head_bytes_), body_of(flow, sequence)});
}

bool message_pattern::matches(bytes_view message, std::uint32_t flow, std::uint64_t sequence) const noexcept {
  if (message.size() != head_bytes_ + body_bytes_) return false;
  const auto begin = head_of(flow, sequence);
  return std::memcmp(message.data(), begin.data(), head_bytes_) == 0 &&
         std::ranges::equal(message.subspan(head_bytes_), body_of(flow, sequence));
}

std::optional<std::uint64_t> message_pattern::claimed_sequence(bytes_view message) const noexcept {
  if (message.size() < sequence_bytes) return std::nullopt;
  std::uint64_t sequence = 0;
  for (std::size_t i = 0; i < sequence_bytes; ++i) {
    sequence |= std::to_integer<std::uint64_t>(message[i]) << (8 * i);
  }
  return sequence;
}

message_pattern::head message_pattern::head_of(std::uint32_t flow, std::uint64_t sequence) noexcept {
  head bytes;
  store_little_endian(sequence, bytes.data());
  store_little_endian(flow, bytes.data() + sequence_bytes);
  return bytes;
}

bytes_view message_pattern::body_of(std::uint32_t flow, std::uint64_t sequence) const noexcept {
  return bytes_view{noise_}.subspan((sequence + flow) % variants, body_bytes_);
}

}  // namespace naru::program
