#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

// Runs the fuzz target without libFuzzer, hence with any compiler: always the same inputs, as many as the
// argument says. scripts/fuzz is the long search for new ones.

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using bytes = std::vector<std::uint8_t>;

/// Bytes that mean something to a framing, small numbers among them so that lengths are often right.
std::uint8_t random_byte(std::mt19937& random) {
  constexpr char special[] = "\r\n;:,0123";
  switch (random() % 4) {
    case 0:
      return static_cast<std::uint8_t>(special[random() % (sizeof special - 1)]);
    case 1:
      return static_cast<std::uint8_t>(random() % 8);
    case 2:
      return 0;
    default:
      return static_cast<std::uint8_t>(random());
  }
}

/// A stream of messages with prefixes of some width, some of which lie.
bytes random_input(std::mt19937& random) {
  bytes input;
  for (int i = 0; i < 4; ++i) input.push_back(static_cast<std::uint8_t>(random()));
  const std::size_t size = random() % 600;
  while (input.size() < size) {
    const std::size_t body = random() % 30;
    const bool big = random() % 2 == 0;
    const std::size_t width = std::size_t{1} << (random() % 3);
    for (std::size_t i = 0; i < width; ++i) {
      const bool lowest = big ? i + 1 == width : i == 0;
      input.push_back(static_cast<std::uint8_t>(lowest ? body : 0));
    }
    if (random() % 20 == 0) input.back() = random_byte(random);
    for (std::size_t i = 0; i < body; ++i) input.push_back(random_byte(random));
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  unsigned rounds = 0;
  if (argc != 2 || std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), rounds).ec != std::errc{}) {
    std::fprintf(stderr, "usage: %s <number of inputs>\n", argv[0]);
    return 2;
  }
  std::mt19937 random{20240817};
  for (unsigned round = 0; round < rounds; ++round) {
    const bytes input = random_input(random);
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%u inputs\n", rounds);
  return 0;
}
