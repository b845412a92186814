#include <optional>
#include <string>
#include <system_error>

#include <naru/error.hpp>

namespace naru {
namespace {

/// What is wrong, and what would be right.
const char* message_of(errc code) noexcept {
  switch (code) {
    case errc::closed:
      return "the connection is closed or closing: nothing more can be done with it";
    case errc::not_running:
      return "the network is not running: call start first";
    case errc::already_running:
      return "the network is running already: call stop before starting it again";
    case errc::own_worker:
      return "inside a handler of the same network this would wait for itself: call it from elsewhere";
    case errc::not_polled:
      return "the network has worker threads of its own: poll is for networks with workers = 0";
    case errc::invalid_endpoint:
      return "not an endpoint: write 1.2.3.4:80, [::1]:80 or, to connect, name:80";
    case errc::address_needed:
      return "bind takes an address, not a host name: write 0.0.0.0:80 or [::]:80";
    case errc::unknown_socket:
      return "no open socket of this network has this id: use one that bind returned and close did not end";
    case errc::already_listening:
      return "the socket listens already: bind another one";
    case errc::message_above_backlog:
      return "backlog_bytes_max is too small: it must hold a message of max_message_bytes with its framing";
    case errc::zero_limit:
      return "a limit is 0 that must be at least 1: give it a size, or leave its default";
    case errc::invalid_prefix_width:
      return "the width of the length prefix is wrong: it must be 1, 2 or 4 bytes";
    case errc::codec_missing:
      return "framing::custom was given no codec: it must not be null";
    case errc::negative_duration:
      return "a duration in the options is negative: it must be zero or more";
    case errc::message_too_large:
      return "the message is too large: at most max_message_bytes, and what its length prefix can say; with "
             "UDP at most max_datagram_bytes";
    case errc::invalid_message:
      return "the framing cannot carry this message: a line has no line feed inside and no return at its end";
    case errc::backlog_full:
      return "the message would pass a limit of the backlog, since the peer reads too slowly, and is not "
             "sent: send less, raise the limit, or choose another backlog_policy";
    case errc::not_in_handler:
      return "called outside: it belongs inside a handler or posted task of the same connection";
    case errc::name_not_found:
      return "no address is known for this host name";
    case errc::engine_unavailable:
      return "this system does not have the engine that was asked for: use engine_kind::automatic";
    case errc::message_truncated:
      return "the peer ended its stream inside a message: what came of it is lost";
    case errc::datagram_limit:
      return "max_datagram_bytes is wrong: it must be 1 to 65507, the most that UDP carries over IPv4";
    case errc::handler_stuck:
      return "a handler does not return, and was waited for in vain: the log names it; let it return, and "
             "call again";
    case errc::watermarks_crossed:
      return "the watermarks do not fit: backlog_low_bytes must be below backlog_high_bytes, and that no "
             "more than backlog_bytes_max";
    case errc::memory_max_too_small:
      return "memory_max is too small: it must be 0, for no limit, or at least 1 MiB";
    case errc::executor_missing:
      return "handlers_on is an executor without a function: give it one, or leave handlers_on null";
  }
  return "not an error of naru";
}

/// The portable condition that an error is a case of, where there is one.
std::optional<std::errc> condition_of(errc code) noexcept {
  switch (code) {
    case errc::closed:
      return std::errc::not_connected;
    case errc::own_worker:
      return std::errc::resource_deadlock_would_occur;
    case errc::not_polled:
      return std::errc::operation_not_supported;
    case errc::invalid_endpoint:
    case errc::address_needed:
    case errc::message_above_backlog:
    case errc::zero_limit:
    case errc::invalid_prefix_width:
    case errc::codec_missing:
    case errc::negative_duration:
    case errc::invalid_message:
    case errc::datagram_limit:
    case errc::watermarks_crossed:
    case errc::memory_max_too_small:
    case errc::executor_missing:
      return std::errc::invalid_argument;
    case errc::handler_stuck:
      return std::errc::timed_out;
    case errc::unknown_socket:
      return std::errc::bad_file_descriptor;
    case errc::message_too_large:
      return std::errc::message_size;
    case errc::backlog_full:
      return std::errc::no_buffer_space;
    case errc::not_in_handler:
      return std::errc::operation_not_permitted;
    case errc::engine_unavailable:
      return std::errc::not_supported;
    case errc::message_truncated:
      return std::errc::bad_message;
    case errc::not_running:
    case errc::already_running:
    case errc::already_listening:
    case errc::name_not_found:
      break;
  }
  return std::nullopt;
}

class category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "naru"; }

  [[nodiscard]] std::string message(int value) const override { return message_of(static_cast<errc>(value)); }

  [[nodiscard]] std::error_condition default_error_condition(int value) const noexcept override {
    if (const auto condition = condition_of(static_cast<errc>(value)))
      return make_error_condition(*condition);
    return {value, *this};
  }
};

}  // namespace

const std::error_category& error_category() noexcept {
  static const category instance;
  return instance;
}

}  // namespace naru
