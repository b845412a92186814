#include "connector.hpp"

namespace naru::program {

void connector::begin_up_to(std::size_t open) {
  std::unique_lock lock{mutex_};
  while (!error_ && begun_ < wanted_ && begun_ - answered_ < open) {
    const auto number = begun_++;
    lock.unlock();
    const auto error = begin_(number);
    lock.lock();
    if (!error) continue;
    ++answered_;
    if (!error_) error_ = error;
  }
  changed_.notify_all();
}

void connector::answered(std::error_code error) {
  {
    const std::scoped_lock lock{mutex_};
    ++answered_;
    if (error && !error_) error_ = error;
  }
  begin_up_to(at_a_time);
}

std::error_code connector::wait(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  const bool over =
      changed_.wait(lock, stop, [this] { return answered_ == begun_ && (begun_ == wanted_ || error_); });
  if (error_ || over) return error_;
  error_ = std::make_error_code(std::errc::operation_canceled);  // begins no more
  return error_;
}

}  // namespace naru::program
