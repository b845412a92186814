#pragma once

#include <ostream>

#include <naru/close_reason.hpp>
#include <naru/endpoint.hpp>
#include <naru/error.hpp>

/// How GoogleTest prints what this library returns.
namespace naru {

inline void PrintTo(close_cause cause, std::ostream* out) {
  *out << to_string(cause);
}

inline void PrintTo(const close_reason& reason, std::ostream* out) {
  *out << to_string(reason.cause) << " (" << reason.error.message() << ")";
}

inline void PrintTo(const endpoint& value, std::ostream* out) {
  *out << value.to_string();
}

inline void PrintTo(errc code, std::ostream* out) {
  *out << make_error_code(code).message();
}

}  // namespace naru
