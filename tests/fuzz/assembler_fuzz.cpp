#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "protocol/assembler.hpp"
#include "protocol/frame_rules.hpp"
#include "protocol/wrap.hpp"
#include "unit/protocol/example_codecs.hpp"

// R5.4: any bytes, cut and paused anywhere, give what the same bytes give in one piece; memory stays within
// its bounds, and what was delivered can be sent again.
//
// An input is: the framing, two bytes of limit, a seed for cuts and pauses, and the stream.

namespace naru::protocol::test {
namespace {

using verdict = feed_result::verdict;
constexpr std::size_t header_bytes = 4;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

framing framing_of(std::uint8_t choice) {
  switch (choice % 11) {
    case 0:
      return framing::lines();
    case 1:
      return framing::raw();
    case 2:
      return framing::custom(std::make_shared<varint_codec>());
    case 3:
      return framing::custom(std::make_shared<netstring_codec>());
    case 4:
      return framing::custom(std::make_shared<lookahead_codec>(3));
    default: {
      constexpr std::array<unsigned, 3> widths = {1, 2, 4};
      return framing::length_prefix(widths[choice % 3],
                                    choice % 2 == 0 ? std::endian::big : std::endian::little);
    }
  }
}

struct outcome {
  std::vector<std::string> delivered = {};
  verdict state = verdict::all_taken;
  bool mid_message = false;
};

/// The next number of a small generator: the cuts and pauses must follow from the input alone.
std::uint32_t next(std::uint32_t& seed) {
  seed = seed * 1664525U + 1013904223U;
  return seed >> 16;
}

outcome in_one_piece(const frame_rules& rules, bytes_view stream) {
  outcome result;
  assembler state;
  const auto take = [&](bytes_view message) {
    result.delivered.emplace_back(as_text(message));
    return after_message::go_on;
  };
  result.state = state.feed(rules, stream, take).state;
  result.mid_message = state.is_mid_message();
  return result;
}

outcome in_pieces(const frame_rules& rules, bytes_view stream, std::uint32_t seed) {
  outcome result;
  assembler state;
  const std::uint32_t piece_bytes_max = 1 + next(seed) % 40;
  const bool pauses = next(seed) % 2 == 0;
  const auto take = [&](bytes_view message) {
    require(result.state == verdict::all_taken, "nothing is delivered after a failure");
    result.delivered.emplace_back(as_text(message));
    return pauses && next(seed) % 3 == 0 ? after_message::pause : after_message::go_on;
  };
  while (!stream.empty()) {
    const auto piece = stream.first(std::min<std::size_t>(stream.size(), 1 + next(seed) % piece_bytes_max));
    // A copy of the exact size, so that a sanitizer sees every step beyond.
    const std::vector<std::byte> exact{piece.begin(), piece.end()};
    stream = stream.subspan(piece.size());
    feed_result last = state.feed(rules, exact, take);
    // Sometimes the next piece comes while the rest of this one still waits.
    while (state.is_paused() && (stream.empty() || next(seed) % 4 != 0)) last = state.resume(rules, take);
    require(state.capacity_bytes() <= std::max(held_bytes::first_bytes, 2 * state.buffered_bytes()),
            "memory is at most twice what is held");
    if (last.state != verdict::stopped && result.state == verdict::all_taken) result.state = last.state;
  }
  result.mid_message = state.is_mid_message();
  return result;
}

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) text += one;
  return text;
}

void check_round_trip(const frame_rules& rules, const std::vector<std::string>& messages) {
  std::string stream;
  std::vector<std::string> sent;
  for (const std::string& message : messages) {
    require(message.size() <= rules.max_body_bytes, "no message is above the limit");
    const bytes_view piece = as_bytes(message);
    const auto around = wrap(rules, {&piece, 1}, message.size());
    if (!around) continue;
    stream += as_text(bytes_view{around->head}.first(around->head_bytes));
    stream += message;
    stream += as_text(bytes_view{around->tail}.first(around->tail_bytes));
    sent.push_back(message);
  }
  // A codec that looks ahead does not see the end of the last message.
  const auto received = in_one_piece(rules, as_bytes(stream + "..."));
  if (rules.kind == framing::kind::raw) return;
  require(received.delivered.size() >= sent.size(), "as many messages come back as were sent");
  require(std::equal(sent.begin(), sent.end(), received.delivered.begin()), "they come back as they were");
}

void check_input(bytes_view input) {
  if (input.size() < header_bytes) return;
  const auto byte = [&](std::size_t i) { return std::to_integer<std::uint8_t>(input[i]); };
  const framing frames = framing_of(byte(0));
  const frame_rules rules = frame_rules::from(frames, 1U + byte(1) + 256U * (byte(2) % 4U));
  const bytes_view stream = input.subspan(header_bytes);

  const outcome whole = in_one_piece(rules, stream);
  const outcome cut = in_pieces(rules, stream, byte(3));
  require(cut.state == whole.state, "the verdict is the same");
  require(cut.mid_message == whole.mid_message, "the end is in the same place");
  if (rules.kind == framing::kind::raw) {
    require(joined(cut.delivered) == as_text(stream), "a raw stream comes as it is");
  } else {
    require(cut.delivered == whole.delivered, "the messages are the same");
  }
  check_round_trip(rules, whole.delivered);
}

}  // namespace
}  // namespace naru::protocol::test

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  naru::protocol::test::check_input(std::as_bytes(std::span{data, size}));
  return 0;
}
