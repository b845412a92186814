#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

#include <naru/bytes.hpp>

namespace naru::protocol {

/// What whoever takes messages answers to each.
enum class after_message : std::uint8_t {
  go_on,
  pause,  ///< the next message waits for `assembler::resume`
  close,  ///< no message may follow
};

/// What became of the bytes that an assembler was given.
struct feed_result {
  enum class verdict : std::uint8_t {
    all_taken,  ///< delivered, or held as the beginning of a message
    stopped,    ///< `deliver` answered `pause` or `close`, or the assembler had ended before
    too_large,  ///< a message is larger than max_body_bytes; `announced_bytes` says how large
    malformed,  ///< no message can begin like this
    no_memory,  ///< for the bytes that must wait
  };
  verdict state = verdict::all_taken;
  /// The length read, or what came without an end where none is announced. For the log.
  std::size_t announced_bytes = 0;
};

/// Refers to a callable that takes a message, for code that need not be compiled anew for each. It must not
/// outlive the call that it was made for. [worker]
class deliver_ref {
 public:
  template <std::invocable<bytes_view> Deliver>
    requires(!std::same_as<std::remove_cvref_t<Deliver>, deliver_ref>)
  deliver_ref(Deliver&& deliver) noexcept  // NOLINT(google-explicit-constructor): it stands for a parameter
      : target_{const_cast<void*>(static_cast<const void*>(std::addressof(deliver)))},
        call_{[](void* target, bytes_view message) -> after_message {
          return (*static_cast<std::remove_reference_t<Deliver>*>(target))(message);
        }} {}

  after_message operator()(bytes_view message) const { return call_(target_, message); }

 private:
  void* target_;
  after_message (*call_)(void*, bytes_view);
};

}  // namespace naru::protocol
