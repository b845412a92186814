#include <cstdio>
#include <limits>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <io.h>
#include <windows.h>

#include "process.hpp"
#include "terminal.hpp"

namespace naru::program {

namespace {

/// The watch there is. All of it lives as long as the process: the system calls the handler on a thread of
/// its own, and may do so while the program ends.
struct {
  SRWLOCK lock = SRWLOCK_INIT;
  std::stop_source* stop = nullptr;
  bool asked = false;
} watch;

enum class next_step { nobody_watches, stop, end_at_once };

std::pair<next_step, std::optional<std::stop_source>> take_wish() {
  AcquireSRWLockExclusive(&watch.lock);
  std::optional<std::stop_source> stop;
  if (watch.stop != nullptr) stop = *watch.stop;
  const auto step = !stop                              ? next_step::nobody_watches
                    : std::exchange(watch.asked, true) ? next_step::end_at_once
                                                       : next_step::stop;
  ReleaseSRWLockExclusive(&watch.lock);
  return {step, std::move(stop)};
}

/// Whether the system ends the process when the handler returns, whatever that says.
bool is_last_word(DWORD event) noexcept {
  return event == CTRL_CLOSE_EVENT || event == CTRL_LOGOFF_EVENT || event == CTRL_SHUTDOWN_EVENT;
}

BOOL WINAPI handle(DWORD event) {
  constexpr UINT interrupted = 130;  // as a shell of Linux tells of SIGINT
  auto [step, stop] = take_wish();
  if (step == next_step::stop && stop) stop->request_stop();
  // The program now does what it does at its end, and this thread goes with it.
  if (is_last_word(event)) Sleep(INFINITE);
  if (step == next_step::end_at_once) TerminateProcess(GetCurrentProcess(), interrupted);
  return step == next_step::nobody_watches ? FALSE : TRUE;
}

}  // namespace

class termination_watch::watcher {
 public:
  explicit watcher(std::stop_source stop) : stop_{std::move(stop)} { set(&stop_); }
  ~watcher() { set(nullptr); }
  watcher(const watcher&) = delete;
  watcher& operator=(const watcher&) = delete;

 private:
  static void set(std::stop_source* stop) noexcept {
    AcquireSRWLockExclusive(&watch.lock);
    watch.stop = stop;
    watch.asked = false;
    ReleaseSRWLockExclusive(&watch.lock);
  }

  std::stop_source stop_;
};

termination_watch::termination_watch(std::stop_source stop)
    : watcher_{std::make_unique<watcher>(std::move(stop))} {
  // It stays: taking it away would wait for one that is at work, and that may be waiting for the end.
  static const auto added = SetConsoleCtrlHandler(handle, TRUE);
  (void)added;
}

termination_watch::~termination_watch() = default;

class plain_streams::encoding {
 public:
  encoding() : before_{GetConsoleOutputCP()} { set(CP_UTF8); }
  ~encoding() { set(before_); }
  encoding(const encoding&) = delete;
  encoding& operator=(const encoding&) = delete;

 private:
  void set(UINT code_page) const noexcept {
    if (before_ != 0) SetConsoleOutputCP(code_page);  // 0: there is no console
  }

  UINT before_;
};

plain_streams::plain_streams() : terminal_{std::make_unique<encoding>()} {
  for (auto* stream : {stdin, stdout, stderr}) _setmode(_fileno(stream), _O_BINARY);
  // A console that is written to byte by byte, as some runtimes do, does not see that several are one
  // character.
  for (auto* stream : {stdout, stderr}) {
    if (is_terminal(stream)) std::setvbuf(stream, nullptr, _IOFBF, std::size_t{64} * 1024);
  }
}

plain_streams::~plain_streams() = default;

// Sockets are no files here, and there may be as many as there is memory for.
std::size_t raise_open_files_limit() noexcept {
  return std::numeric_limits<std::size_t>::max();
}

}  // namespace naru::program
