#include "core/resolver.hpp"

#include <deque>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "base/mutex.hpp"

namespace naru::core {

/// What the threads and the resolver share; it goes with the last of them.
class resolver::state {
 public:
  explicit state(std::shared_ptr<engine::platform> system) : system_{std::move(system)} {}

  void add(host_port name, answer done) NARU_EXCLUDES(mutex_) {
    const base::mutex_lock hold{mutex_};
    waiting_.push_back({std::move(name), std::move(done)});
    work_.notify_one();
  }
  /// Whether one more thread is of use; it is then counted.
  [[nodiscard]] bool wants_thread() NARU_EXCLUDES(mutex_) {
    const base::mutex_lock hold{mutex_};
    if (idle_ >= waiting_.size() || threads_ == threads_max) return false;
    ++threads_;
    return true;
  }
  /// A thread that was counted could not be made. True when there is another one to do the work.
  [[nodiscard]] bool do_without_thread() NARU_EXCLUDES(mutex_) {
    const base::mutex_lock hold{mutex_};
    --threads_;
    if (threads_ == 0) waiting_.clear();
    return threads_ > 0;
  }
  void finish() NARU_EXCLUDES(mutex_) {
    std::deque<question> dropped;
    const base::mutex_lock hold{mutex_};
    finished_ = true;
    dropped.swap(waiting_);
    work_.notify_all();
  }

  void serve() NARU_EXCLUDES(mutex_) {
    base::mutex_lock hold{mutex_};
    for (;;) {
      while (waiting_.empty() && !finished_) {
        ++idle_;
        work_.wait(hold);
        --idle_;
      }
      if (finished_) return;
      question next = std::move(waiting_.front());
      waiting_.pop_front();
      hold.unlock();
      auto addresses = look_up(next.name);
      hold.lock();
      if (finished_) return;
      // Under the lock, so that no answer is given once `finish` has returned. An answer is a letter: it
      // takes no time and no other lock.
      next.done(std::move(addresses));
    }
  }

 private:
  struct question {
    host_port name;
    answer done;
  };

  [[nodiscard]] result<std::vector<endpoint>> look_up(const host_port& name) noexcept {
    try {
      return system_->resolve(name.host, name.port);
    } catch (const std::bad_alloc&) {
      return std::unexpected{std::make_error_code(std::errc::not_enough_memory)};
    }
  }

  std::shared_ptr<engine::platform> system_;
  base::mutex mutex_;
  base::condition work_;
  std::deque<question> waiting_ NARU_GUARDED_BY(mutex_);
  std::size_t idle_ NARU_GUARDED_BY(mutex_) = 0;
  unsigned threads_ NARU_GUARDED_BY(mutex_) = 0;
  bool finished_ NARU_GUARDED_BY(mutex_) = false;
};

resolver::resolver(std::shared_ptr<engine::platform> system)
    : state_{std::make_shared<state>(std::move(system))} {}

resolver::~resolver() {
  state_->finish();
}

std::error_code resolver::look_up(host_port name, answer done) {
  state_->add(std::move(name), std::move(done));
  if (!state_->wants_thread()) return {};
  try {
    // Detached: a look-up may hang for half a minute, and nobody shall wait for it.
    std::thread{[shared = state_] { shared->serve(); }}.detach();
    return {};
  } catch (const std::system_error& failed) {
    return state_->do_without_thread() ? std::error_code{} : failed.code();
  }
}

}  // namespace naru::core
