#include "core/attempt.hpp"

#include <new>

#include "base/assert.hpp"
#include "core/dial.hpp"

namespace naru::core {

result<attempt*> attempt::begin(worker& at, dial& of, const endpoint& remote,
                                const engine::stream_options& options) noexcept {
  auto* const one = new (std::nothrow) attempt{of};
  if (one == nullptr) return std::unexpected{std::make_error_code(std::errc::not_enough_memory)};
  const auto stream = at.system().connect(remote, options, *one);
  if (!stream) {
    delete one;
    return std::unexpected{stream.error()};
  }
  one->stream_ = *stream;
  at.attempts().push_back(*one);
  return one;
}

void attempt::drop() noexcept {
  dial_ = nullptr;
  stream_->close(engine::close_mode::reset);
}

void attempt::on_connected(std::error_code error) {
  dial& of = *dial_;
  of.forget(*this);
  if (error) {
    drop();
    of.lost(error);
    return;
  }
  engine::stream& stream = *stream_;
  delete this;  // the stream goes on with the connection's socket
  of.won(stream);
}

// A stream that is connecting, or closed, receives and sends nothing.
void attempt::on_received(bytes_view) {
  NARU_ASSERT(false, "an attempt receives nothing");
}
void attempt::on_receive_ended(std::error_code) {
  NARU_ASSERT(false, "an attempt receives nothing");
}
void attempt::on_sent(std::size_t, std::error_code) {
  NARU_ASSERT(false, "an attempt sends nothing");
}

}  // namespace naru::core
