#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>

#include <naru/bytes.hpp>

#include "engine/simulated/random.hpp"

namespace naru::engine::simulated {

/// What an event hands out: memory of exactly this size, not aligned to anything, that is spoiled and freed
/// as soon as the event returns. Whoever reads beyond it or keeps a view is found out. [worker]
class scratch {
 public:
  scratch(bytes_view bytes, random& chance)
      : misalignment_{chance.between(0, 7)},
        size_{bytes.size()},
        memory_{std::make_unique<std::byte[]>(misalignment_ + size_)} {
    std::ranges::copy(bytes, memory_.get() + misalignment_);
  }
  scratch(scratch&&) noexcept = default;
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() {
    if (memory_ != nullptr) std::fill_n(memory_.get(), misalignment_ + size_, std::byte{0xdd});
  }

  [[nodiscard]] bytes_view bytes() const noexcept { return {memory_.get() + misalignment_, size_}; }

 private:
  std::size_t misalignment_;
  std::size_t size_;
  std::unique_ptr<std::byte[]> memory_;
};

}  // namespace naru::engine::simulated
