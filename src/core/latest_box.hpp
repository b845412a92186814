#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>

#include <naru/bytes.hpp>

#include "base/memory_budget.hpp"
#include "base/mutex.hpp"
#include "core/segment.hpp"

namespace naru::core {

class latest_box;

/// A message in a queue, or on its way into one, whose bytes a later message of the same key may replace,
/// until the system is given them. What says so is guarded by the mutex of its box.
struct latest_value final : segment {
  const std::uint64_t key;
  /// Both freed by whoever empties the queue. [worker]
  std::unique_ptr<std::byte[]> bytes;
  std::size_t capacity = 0;
  std::size_t size = 0;
  /// The system is given these bytes: a later message of the key goes behind.
  bool sealed = false;
  /// They were replaced since somebody last asked for their age.
  bool renewed = false;
  /// Alive as long as this.
  const std::shared_ptr<base::memory_budget> counted_in;

  latest_value(std::uint64_t for_key, std::shared_ptr<base::memory_budget> budget) noexcept
      : segment{storage::latest}, key{for_key}, counted_in{std::move(budget)} {}
};

/// The messages of one connection that wait and may still be replaced, by their keys. Any thread replaces
/// them; the worker takes them out. A value belongs to the queue, or to the letter that brings it there.
class latest_box {
 public:
  explicit latest_box(std::shared_ptr<base::memory_budget> budget) noexcept : budget_{std::move(budget)} {}
  latest_box(const latest_box&) = delete;
  latest_box& operator=(const latest_box&) = delete;

  base::mutex& mutex() noexcept NARU_RETURNS(mutex_) { return mutex_; }

  // Under the mutex. [any]
  [[nodiscard]] latest_value* find(std::uint64_t key) noexcept NARU_REQUIRES(mutex_);
  /// Room for so many bytes; false when there is no memory, and then nothing has changed.
  [[nodiscard]] bool fit(latest_value& value, std::size_t bytes) noexcept NARU_REQUIRES(mutex_);
  /// A new one with room for so many bytes, found by its key from now on. Null when there is no memory.
  [[nodiscard]] latest_value* add(std::uint64_t key, std::size_t bytes) noexcept NARU_REQUIRES(mutex_);

  /// No later message takes its place any more. Answers its size. [worker]
  std::size_t seal(latest_value& value) noexcept NARU_EXCLUDES(mutex_);
  /// The system did not take a byte of it: it may be replaced again, unless there is a newer one. True: it
  /// may. [worker]
  bool unseal(latest_value& value) noexcept NARU_EXCLUDES(mutex_);
  /// Its bytes were replaced since the last call. [worker]
  [[nodiscard]] bool was_renewed(latest_value& value) noexcept NARU_EXCLUDES(mutex_);
  /// Frees one that nobody can find any more: sealed, or of a box that is gone. [any]
  static void free(latest_value& value) noexcept;

 private:
  /// What each takes beside its bytes, its place in the table included.
  static constexpr std::size_t overhead_bytes = sizeof(latest_value) + 64;

  std::shared_ptr<base::memory_budget> budget_;
  base::mutex mutex_;
  std::unordered_map<std::uint64_t, latest_value*> values_ NARU_GUARDED_BY(mutex_);
};

}  // namespace naru::core
