#pragma once

#include <cstdio>
#include <cstdlib>

/// States what must hold for the code below it to be right. Checked unless NDEBUG is defined; in a release
/// the condition is compiled and not evaluated, so it must not be needed for its effect. [any]
#ifdef NDEBUG
#define NARU_ASSERT(condition, what_must_hold) (static_cast<void>(sizeof((condition) ? 1 : 0)))
#else
#define NARU_ASSERT(condition, what_must_hold) \
  ((condition) ? static_cast<void>(0)          \
               : ::naru::base::assertion_failed(#condition, what_must_hold, __FILE__, __LINE__))
#endif

namespace naru::base {

/// Says on the standard error what does not hold, and ends the process. [any]
[[noreturn]] inline void assertion_failed(const char* condition, const char* what_must_hold, const char* file,
                                          int line) noexcept {
  std::fprintf(stderr, "%s:%d: naru: %s (%s does not hold)\n", file, line, what_must_hold, condition);
  std::abort();
}

}  // namespace naru::base
