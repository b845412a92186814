#include "engine/simulated/in_flight.hpp"

#include <algorithm>
#include <cstring>

#include "engine/simulated/contract.hpp"

namespace naru::engine::simulated {

std::vector<std::byte> gather(std::span<const bytes_view> buffers, std::size_t first, std::size_t count) {
  std::vector<std::byte> gathered;
  gathered.reserve(count);
  for (bytes_view buffer : buffers) {
    const std::size_t skipped = std::min(first, buffer.size());
    first -= skipped;
    buffer = buffer.subspan(skipped);
    buffer = buffer.first(std::min(buffer.size(), count - gathered.size()));
    gathered.insert(gathered.end(), buffer.begin(), buffer.end());
  }
  return gathered;
}

void in_flight::begin(std::span<const bytes_view> buffers, std::size_t first) {
  buffers_.clear();
  std::size_t total = 0;
  for (bytes_view buffer : buffers) {
    const std::size_t skipped = std::min(first, buffer.size());
    first -= skipped;
    if (skipped == buffer.size()) continue;
    buffers_.push_back(buffer.subspan(skipped));
    total += buffers_.back().size();
  }
  witness_ = gather(buffers_, 0, total);
  taken_ = 0;
}

std::vector<std::byte> in_flight::take(std::size_t count) {
  std::vector<std::byte> bytes = gather(buffers_, taken_, count);
  require(std::equal(bytes.begin(), bytes.end(), witness_.begin() + static_cast<std::ptrdiff_t>(taken_)),
          "the buffers of a pending send are not changed");
  taken_ += count;
  return bytes;
}

void in_flight::finish() noexcept {
  std::size_t compared = 0;
  for (const bytes_view buffer : buffers_) {
    // By memcmp, whose memory the sanitizers check at once: byte by byte under them this would take minutes.
    require(std::memcmp(buffer.data(), witness_.data() + compared, buffer.size()) == 0,
            "the buffers of a pending send are not changed");
    compared += buffer.size();
  }
  buffers_.clear();
  witness_.clear();
  taken_ = 0;
}

}  // namespace naru::engine::simulated
