#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>

#include <pthread.h>
#include <sys/resource.h>

#include "process.hpp"

namespace naru::program {

namespace {

sigset_t watched_signals() noexcept {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

// By value, since asking to stop changes a stop_source.
void wait_for_signals(const std::stop_token& over,
                      std::stop_source stop) {  // NOLINT(performance-unnecessary-value-param)

  const auto signals = watched_signals();
  for (bool asked = false; true; asked = true) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0 || over.stop_requested()) return;
    if (asked) std::_Exit(128 + signal);
    stop.request_stop();
  }
}

}  // namespace

// A handler may do next to nothing (signal-safety(7)); a thread that takes the signals out of sigwait(3) may
// do everything.
class termination_watch::watcher {
 public:
  explicit watcher(std::stop_source stop) : thread_{wait_for_signals, std::move(stop)} {}
  ~watcher() {
    thread_.request_stop();
    pthread_kill(thread_.native_handle(), SIGTERM);
  }
  watcher(const watcher&) = delete;
  watcher& operator=(const watcher&) = delete;

 private:
  std::jthread thread_;
};

termination_watch::termination_watch(std::stop_source stop) {
  const auto signals = watched_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  watcher_ = std::make_unique<watcher>(std::move(stop));
}

termination_watch::~termination_watch() = default;

// They do so anyway, and the encoding of a terminal is its user's affair.
class plain_streams::encoding {};

plain_streams::plain_streams() = default;
plain_streams::~plain_streams() = default;

std::size_t raise_open_files_limit() noexcept {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return 0;
  rlimit raised = files;
  raised.rlim_cur = raised.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) files = raised;
  return static_cast<std::size_t>(files.rlim_cur);
}

}  // namespace naru::program
