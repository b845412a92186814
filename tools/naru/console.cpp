#include "console.hpp"

#include <cstdio>
#include <utility>

#include <spdlog/logger.h>
#include <spdlog/sinks/ansicolor_sink.h>

#include "style.hpp"
#include "terminal.hpp"

namespace naru::program {

namespace {

constexpr std::string_view to_line_start_and_erase = "\r\x1b[K";  // ECMA-48, 8.3.41

spdlog::level::level_enum level_of(log_level level) noexcept {
  switch (level) {
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warning:
      return spdlog::level::warn;
    case log_level::error:
      return spdlog::level::err;
    case log_level::off:
      break;
  }
  return spdlog::level::off;
}

std::shared_ptr<spdlog::logger> make_logger() {
  const auto colours = style::of(stderr).colour ? spdlog::color_mode::always : spdlog::color_mode::never;
  // The console's own lock orders the lines, so the sink needs none.
  auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_st>(colours);
  auto logger = std::make_shared<spdlog::logger>("naru", std::move(sink));
  logger->set_pattern("%H:%M:%S.%e %^%l%$ %v");
  logger->set_level(spdlog::level::debug);
  logger->flush_on(spdlog::level::debug);
  return logger;
}

void write(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
}

}  // namespace

console::console(std::string speaker)
    : speaker_{std::move(speaker)}, has_status_line_{is_terminal(stderr)}, logger_{make_logger()} {}

console::~console() {
  end_status();
}

void console::erase_status() {
  if (!status_.empty()) write(stderr, to_line_start_and_erase);
}

void console::draw_status() {
  write(stderr, status_);
  std::fflush(stderr);
}

void console::status(std::string_view line) {
  if (!has_status_line_) return;
  const std::scoped_lock lock{mutex_};
  // Erased and written in one go: what is never seen empty does not flicker.
  status_ = fit(line, terminal_columns(stderr) - 1);
  write(stderr, fmt::format("\r{}\x1b[K", status_));
  std::fflush(stderr);
}

void console::end_status() {
  const std::scoped_lock lock{mutex_};
  erase_status();
  status_.clear();
  std::fflush(stderr);
}

bool console::print(std::string_view text) {
  const std::scoped_lock lock{mutex_};
  erase_status();
  std::fflush(stderr);
  write(stdout, text);
  const bool good = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  draw_status();
  return good;
}

void console::complain(std::string_view what) {
  const std::scoped_lock lock{mutex_};
  erase_status();
  fmt::print(stderr, "{}: {}\n", speaker_, what);
  draw_status();
}

void console::log(log_level level, std::string_view text) {
  const std::scoped_lock lock{mutex_};
  erase_status();
  logger_->log(level_of(level), text);
  draw_status();
}

log_handler console::log_hook() {
  return [this](log_level level, std::string_view text) { log(level, text); };
}

}  // namespace naru::program
