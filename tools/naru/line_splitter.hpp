#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace naru::program {

/// Cuts text that comes in pieces into lines.
class line_splitter {
 public:
  /// Takes a piece; it must live until `next` has found no more in it.
  void take(std::string_view piece) { rest_ = piece; }

  /// The next line, without its line feed, good until the next call; none when the rest of the piece has
  /// none, and what there is has been kept.
  [[nodiscard]] std::optional<std::string_view> next() {
    if (was_whole_) kept_.clear();
    const auto end = rest_.find('\n');
    was_whole_ = end != std::string_view::npos;
    if (!was_whole_) {
      kept_ += rest_;
      rest_ = {};
      return std::nullopt;
    }
    auto line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    if (kept_.empty()) return line;
    kept_ += line;
    return kept_;
  }

  /// The begin of a line whose end has not come yet.
  [[nodiscard]] std::string_view unfinished() const noexcept {
    return was_whole_ ? std::string_view{} : std::string_view{kept_};
  }

 private:
  std::string kept_;
  std::string_view rest_;
  bool was_whole_ = false;  // `kept_` was handed out
};

}  // namespace naru::program
