#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <stop_token>
#include <system_error>
#include <utility>

namespace naru::program {

/// Begins many connects, few at a time, since a thousand at once would only fill the other side's queue. The
/// first goes alone: when nobody is there, it is not asked ten thousand times. After a failure no more are
/// begun. Any thread may call any member.
class connector {
 public:
  /// `begin_one` begins the connect of that number, which is to end in a call of `answered`, unless it
  /// returns an error. It is called from `start` and `answered`.
  using begin_one = std::function<std::error_code(std::size_t number)>;

  connector(std::size_t wanted, begin_one begin) : wanted_{wanted}, begin_{std::move(begin)} {}

  void start() { begin_up_to(1); }
  /// One connect was answered; `error` says why it failed.
  void answered(std::error_code error);
  /// Waits until all have been answered, or one has failed and those under way have been answered, or a stop
  /// is asked for. The first error, if there was one; `operation_canceled` after a stop.
  [[nodiscard]] std::error_code wait(const std::stop_token& stop);

 private:
  static constexpr std::size_t at_a_time = 128;

  void begin_up_to(std::size_t open);

  const std::size_t wanted_;
  const begin_one begin_;
  std::mutex mutex_;  // guards what follows; not held while a connect is begun
  std::condition_variable_any changed_;
  std::size_t begun_ = 0;
  std::size_t answered_ = 0;
  std::error_code error_;
};

}  // namespace naru::program
