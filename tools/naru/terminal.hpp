#pragma once

#include <cstdio>

/// What the program asks of a terminal. One file for each operating system defines this.
namespace naru::program {

/// Whether a terminal is behind `stream` that obeys escape sequences (ECMA-48): the status line is made of
/// them.
[[nodiscard]] bool is_terminal(std::FILE* stream) noexcept;
/// Whether that terminal has colours. Nothing in the program changes the environment, which may say so.
[[nodiscard]] bool has_colours(std::FILE* stream) noexcept;
/// The width of the terminal behind `stream`, or a common one where there is none.
[[nodiscard]] unsigned terminal_columns(std::FILE* stream) noexcept;

}  // namespace naru::program
