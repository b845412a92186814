#pragma once

#include <atomic>
#include <cstddef>

namespace naru::base {

/// How much memory those who share it may take together. They ask before they allocate, so that it is never
/// passed. Without a limit nothing is counted. [any]
class memory_budget {
 public:
  /// 0: no limit.
  explicit memory_budget(std::size_t bytes_max = 0) noexcept : bytes_max_{bytes_max} {}
  memory_budget(const memory_budget&) = delete;
  memory_budget& operator=(const memory_budget&) = delete;

  [[nodiscard]] bool is_limited() const noexcept { return bytes_max_ != 0; }

  /// Counts these bytes as taken, if there is room for them.
  [[nodiscard]] bool try_take(std::size_t bytes) noexcept {
    if (!is_limited()) [[likely]]
      return true;
    std::size_t before = used_.load(std::memory_order_relaxed);
    do {
      if (bytes > bytes_max_ || before > bytes_max_ - bytes) return false;
    } while (!used_.compare_exchange_weak(before, before + bytes, std::memory_order_relaxed));
    std::size_t highest = highest_.load(std::memory_order_relaxed);
    const std::size_t now = before + bytes;
    while (now > highest && !highest_.compare_exchange_weak(highest, now, std::memory_order_relaxed)) {
    }
    return true;
  }
  void give_back(std::size_t bytes) noexcept {
    if (is_limited()) used_.fetch_sub(bytes, std::memory_order_relaxed);
  }

  /// So little is left that those who hold most should give some back before somebody is refused.
  [[nodiscard]] bool is_tight() const noexcept {
    return is_limited() && used() > bytes_max_ - bytes_max_ / 8;
  }
  /// What must be given back for it not to be tight any more, with some distance.
  [[nodiscard]] std::size_t excess() const noexcept {
    const std::size_t wanted = bytes_max_ - bytes_max_ / 4;
    const std::size_t now = used();
    return is_limited() && now > wanted ? now - wanted : 0;
  }
  [[nodiscard]] std::size_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t highest() const noexcept { return highest_.load(std::memory_order_relaxed); }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> used_ = 0;
  std::atomic<std::size_t> highest_ = 0;
};

}  // namespace naru::base
