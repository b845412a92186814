#pragma once

#include <cstdio>

/// What the program asks of a terminal. One file for each operating system defines this.
namespace naru::program {

[[nodiscard]] bool is_terminal(std::FILE* stream) noexcept;
/// The width of the terminal behind `stream`, or a common one where there is none.
[[nodiscard]] unsigned terminal_columns(std::FILE* stream) noexcept;

}  // namespace naru::program
