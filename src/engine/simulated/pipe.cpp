#include "engine/simulated/pipe.hpp"

#include <cstddef>

namespace naru::engine::simulated {

void pipe::write(bytes_view bytes) {
  if (head_ > 0 && head_ >= size()) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

std::vector<std::byte> pipe::read(std::size_t count) {
  const auto first = bytes_.begin() + static_cast<std::ptrdiff_t>(head_);
  std::vector<std::byte> taken{first, first + static_cast<std::ptrdiff_t>(count)};
  head_ += count;
  if (size() == 0) clear();
  return taken;
}

void pipe::clear() noexcept {
  bytes_.clear();
  head_ = 0;
}

}  // namespace naru::engine::simulated
