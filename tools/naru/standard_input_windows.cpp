#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

#include <windows.h>

#include "standard_input.hpp"

namespace naru::program {

namespace {

/// How many bytes came: 0 at the end, and no number where nothing came but more may.
using outcome = std::expected<std::optional<std::size_t>, std::error_code>;

std::error_code last_error() noexcept {
  return {static_cast<int>(GetLastError()), std::system_category()};
}

bool is_console(HANDLE input) noexcept {
  DWORD mode = 0;
  return GetConsoleMode(input, &mode) != 0;
}

/// Bytes of a pipe or a file.
outcome read_bytes(HANDLE input, std::span<char> into) noexcept {
  DWORD count = 0;
  if (ReadFile(input, into.data(), static_cast<DWORD>(into.size()), &count, nullptr) != 0) return count;
  const auto error = GetLastError();
  if (error == ERROR_BROKEN_PIPE || error == ERROR_HANDLE_EOF) return 0;
  return std::unexpected{last_error()};
}

/// Lines of a console, which come in UTF-16 and end with CR LF.
class console_reader {
 public:
  outcome read(HANDLE input, std::span<char> into) noexcept {
    constexpr wchar_t end_of_input = 0x1a;  // Ctrl-Z, where a line begins
    DWORD count = 0;
    if (ReadConsoleW(input, wide_.data() + kept_, static_cast<DWORD>(wide_.size() - kept_), &count,
                     nullptr) == 0) {
      return std::unexpected{last_error()};
    }
    if (count == 0) return std::nullopt;  // Ctrl-C ends the waiting, but not the input
    const std::wstring_view text{wide_.data(), kept_ + count};
    if (at_line_start_ && text.front() == end_of_input) return 0;
    return take(text, into);
  }

 private:
  std::optional<std::size_t> take(std::wstring_view text, std::span<char> into) noexcept {
    // A character of two halves may be cut between them: the first then waits for the second.
    const auto last = text.back();
    const bool cut = last >= 0xd800 && last < 0xdc00;
    if (cut) text.remove_suffix(1);
    at_line_start_ = text.ends_with(L'\n');
    const auto bytes =
        text.empty() ? 0
                     : WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()),
                                           into.data(), static_cast<int>(into.size()), nullptr, nullptr);
    kept_ = cut ? 1 : 0;
    if (cut) wide_.front() = last;
    const auto come = into.first(static_cast<std::size_t>(bytes));
    const auto count = come.size() - std::ranges::remove(come, '\r').size();
    return count == 0 ? std::nullopt : std::optional{count};
  }

  std::array<wchar_t, 4096> wide_ = {};
  std::size_t kept_ = 0;
  bool at_line_start_ = true;
};

}  // namespace

/// A thread that reads ahead by one buffer. Not every kind of input lets itself be cancelled, and none does
/// so in the moment before the system is asked for bytes: a thread that does not hear of it is left behind,
/// to go with the process. That is why it shares this, and why nobody waits for it.
class standard_input::source {
 public:
  source() = default;
  ~source() {
    if (thread_ != nullptr) CloseHandle(thread_);
  }
  source(const source&) = delete;
  source& operator=(const source&) = delete;

  void run() noexcept;
  std::expected<std::size_t, std::error_code> read(std::span<char> into) noexcept;
  void cancel() noexcept;

 private:
  bool begin() noexcept;
  outcome read_some() noexcept;
  bool deliver(const outcome& read) noexcept;

  HANDLE input_ = GetStdHandle(STD_INPUT_HANDLE);
  const bool is_console_ = is_console(input_);
  console_reader console_;                                // of the thread alone
  std::array<char, std::size_t{64} * 1024> buffer_ = {};  // the thread's until `come_` says otherwise
  std::mutex mutex_;                                      // guards all that follows
  std::condition_variable changed_;
  HANDLE thread_ = nullptr;
  std::span<const char> come_;  // what has come and was not taken
  std::error_code error_;
  bool ended_ = false;
  bool cancelled_ = false;
};

bool standard_input::source::begin() noexcept {
  const std::scoped_lock lock{mutex_};
  thread_ = OpenThread(THREAD_TERMINATE, FALSE, GetCurrentThreadId());  // what cancelling asks for
  return !cancelled_;
}

outcome standard_input::source::read_some() noexcept {
  return is_console_ ? console_.read(input_, buffer_) : read_bytes(input_, buffer_);
}

/// Whether there is more to be read.
bool standard_input::source::deliver(const outcome& read) noexcept {
  std::unique_lock lock{mutex_};
  const std::optional<std::size_t> count = read.value_or(std::nullopt);
  if (read && !count) return !cancelled_;
  if (!read) error_ = read.error();
  ended_ = count.value_or(0) == 0;
  if (!ended_) come_ = std::span{buffer_}.first(count.value_or(0));
  changed_.notify_all();
  changed_.wait(lock, [this] { return come_.empty() || cancelled_; });
  return !ended_ && !cancelled_;
}

void standard_input::source::run() noexcept {
  bool more = begin();
  while (more) more = deliver(read_some());
}

std::expected<std::size_t, std::error_code> standard_input::source::read(std::span<char> into) noexcept {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return !come_.empty() || ended_ || cancelled_; });
  if (cancelled_) return 0;
  if (error_) return std::unexpected{error_};
  const auto count = std::min(into.size(), come_.size());
  std::ranges::copy(come_.first(count), into.begin());
  come_ = come_.subspan(count);
  if (come_.empty()) changed_.notify_all();
  return count;
}

void standard_input::source::cancel() noexcept {
  const std::scoped_lock lock{mutex_};
  cancelled_ = true;
  changed_.notify_all();
  if (thread_ != nullptr) CancelSynchronousIo(thread_);
}

standard_input::standard_input() : source_{std::make_shared<source>()} {
  std::thread{[shared = source_] { shared->run(); }}.detach();
}

standard_input::~standard_input() {
  source_->cancel();
}

std::expected<std::size_t, std::error_code> standard_input::read(std::span<char> into) noexcept {
  return source_->read(into);
}

void standard_input::cancel() noexcept {
  source_->cancel();
}

}  // namespace naru::program
