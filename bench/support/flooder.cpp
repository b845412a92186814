#include "support/flooder.hpp"

#include <cerrno>
#include <stdexcept>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

#include "support/programs.hpp"
#include "support/sockets.hpp"

namespace naru::bench {

flooder::flooder(std::uint16_t port, std::size_t message_bytes)
    : socket_{connect_to_loopback(port)}, stream_{message_bytes}, thread_{[this] { loop(); }} {}

flooder::~flooder() {
  {
    const std::lock_guard lock{mutex_};
    state_ = state::ends;
  }
  changed_.notify_all();
  thread_.join();
}

void flooder::begin() {
  const std::lock_guard lock{mutex_};
  received_ = 0;
  state_ = state::floods;
  changed_.notify_all();
}

std::uint64_t flooder::end() {
  std::unique_lock lock{mutex_};
  if (state_ == state::floods) state_ = state::finishes;
  changed_.wait(lock, [this] { return state_ == state::idle; });
  if (failure_) std::rethrow_exception(std::exchange(failure_, {}));
  return received_;
}

void flooder::loop() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return state_ != state::idle; });
    if (state_ == state::ends) return;
    lock.unlock();
    std::exception_ptr failure;
    try {
      flood();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    failure_ = failure;
    if (state_ == state::ends) return;
    state_ = state::idle;
    changed_.notify_all();
  }
}

void flooder::flood() {
  constexpr int silence_ms_max = 20'000;
  for (;;) {
    bool finishes = false;
    {
      const std::lock_guard lock{mutex_};
      if (state_ == state::ends) return;
      finishes = state_ == state::finishes;
    }
    const std::uint64_t back_bytes = received_ * stream_.frame_bytes() + partial_bytes_;
    // What was begun of a frame is sent to its end.
    const bool between_frames = sent_bytes_ % stream_.frame_bytes() == 0;
    if (finishes && between_frames && back_bytes == sent_bytes_) {
      sent_bytes_ = 0;
      return;
    }
    const bool sends = (!finishes && sent_bytes_ - back_bytes < ahead_bytes_max) || !between_frames;
    const bool moved = (sends && send_some(finishes)) | receive_some();
    if (moved) continue;
    pollfd look = {.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (sends) look.events |= POLLOUT;
    if (checked(::poll(&look, 1, silence_ms_max), "poll") == 0) {
      throw std::runtime_error{"the server has not answered the flood for 20 s"};
    }
  }
}

bool flooder::send_some(bool finishes) {
  const std::size_t frame_bytes = stream_.frame_bytes();
  const std::size_t begun = sent_bytes_ % frame_bytes;
  const std::size_t whole_bytes = stream_.bytes().size() / frame_bytes * frame_bytes;
  const auto wanted = stream_.bytes().subspan(begun, (finishes ? frame_bytes : whole_bytes) - begun);
  const ssize_t sent = ::send(socket_.get(), wanted.data(), wanted.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && errno == EAGAIN) return false;
  sent_bytes_ += static_cast<std::uint64_t>(checked(static_cast<int>(sent), "send"));
  return true;
}

bool flooder::receive_some() {
  const std::size_t before = partial_bytes_;
  const std::uint64_t whole = stream_.receive(socket_.get(), partial_bytes_);
  received_ += whole;
  return whole > 0 || partial_bytes_ != before;
}

}  // namespace naru::bench
