#pragma once

#include <array>
#include <cstddef>

#include "base/memory_budget.hpp"

namespace naru::base {

/// Memory for queues: blocks of a few sizes that one worker uses again and again, the one used last first,
/// since it is still in the cache. [worker]
class block_pool {
 public:
  static constexpr std::array<std::size_t, 3> class_bytes = {4096, 16384, 65536};
  /// What is kept of each size for the next user; more is given back to the system.
  static constexpr std::size_t kept_bytes_max = std::size_t{1} << 20;

  struct block {
    void* data = nullptr;
    std::size_t bytes = 0;
  };

  /// Blocks that are in use count in the budget.
  explicit block_pool(memory_budget& budget) noexcept : budget_{budget} {}
  block_pool(const block_pool&) = delete;
  block_pool& operator=(const block_pool&) = delete;
  ~block_pool();

  /// A block of at least this size: of the next larger class, or of exactly this size above the largest. Its
  /// data is null when there is no memory, or none left of the budget.
  [[nodiscard]] block take(std::size_t bytes_min) noexcept;
  void give_back(block used) noexcept;

 private:
  struct free_block {
    free_block* next;
  };
  struct size_class {
    free_block* first = nullptr;
    std::size_t kept = 0;
  };
  [[nodiscard]] block allocate(std::size_t bytes) noexcept;

  memory_budget& budget_;
  std::array<size_class, class_bytes.size()> classes_ = {};
};

}  // namespace naru::base
