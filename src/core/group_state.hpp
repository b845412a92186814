#pragma once

#include <memory>
#include <vector>

#include <naru/error.hpp>

#include "base/mutex.hpp"
#include "core/group_part.hpp"

namespace naru::core {

/// What a `group` is made of: its parts, one for each worker that has had a member. [any]
class group_state {
 public:
  group_state() = default;
  group_state(const group_state&) = delete;
  group_state& operator=(const group_state&) = delete;
  ~group_state();

  [[nodiscard]] result<void> add(shell& member) NARU_EXCLUDES(mutex_);
  [[nodiscard]] result<void> remove(shell& member) NARU_EXCLUDES(mutex_);
  [[nodiscard]] result<void> send(const message_ref& message, connection_id but) NARU_EXCLUDES(mutex_);
  [[nodiscard]] const group_totals& totals() const noexcept { return *totals_; }

 private:
  /// Null when there is none.
  [[nodiscard]] std::shared_ptr<group_part> part_of(const inbox& mail) const NARU_REQUIRES(mutex_);

  const std::shared_ptr<group_totals> totals_ = std::make_shared<group_totals>();
  base::mutex mutex_;
  std::vector<std::shared_ptr<group_part>> parts_ NARU_GUARDED_BY(mutex_);
};

}  // namespace naru::core
