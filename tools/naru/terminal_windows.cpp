#include <cstdlib>
#include <string_view>

#include <io.h>
#include <windows.h>

#include "terminal.hpp"

namespace naru::program {

namespace {

HANDLE handle_of(std::FILE* stream) noexcept {
  return reinterpret_cast<HANDLE>(_get_osfhandle(_fileno(stream)));  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace

// A console obeys escape sequences when it is told to; the oldest do not learn it, and count as files.
bool is_terminal(std::FILE* stream) noexcept {
  const auto console = handle_of(stream);
  DWORD mode = 0;
  if (GetConsoleMode(console, &mode) == 0) return false;
  const DWORD wanted = mode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING;
  return wanted == mode || SetConsoleMode(console, wanted) != 0;
}

// TERM is set only where somebody sets it.
bool has_colours(std::FILE* stream) noexcept {
  const auto* kind = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): nobody changes it
  return is_terminal(stream) && (kind == nullptr || std::string_view{kind} != "dumb");
}

unsigned terminal_columns(std::FILE* stream) noexcept {
  constexpr unsigned common = 80;
  CONSOLE_SCREEN_BUFFER_INFO screen{};
  if (GetConsoleScreenBufferInfo(handle_of(stream), &screen) == 0) return common;
  const auto columns = screen.srWindow.Right - screen.srWindow.Left + 1;
  return columns > 1 ? static_cast<unsigned>(columns) : common;
}

}  // namespace naru::program
