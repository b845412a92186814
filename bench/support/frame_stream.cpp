#include "support/frame_stream.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <sys/socket.h>

#include "support/frames.hpp"
#include "support/programs.hpp"

namespace naru::bench {

frame_stream::frame_stream(std::size_t message_bytes)
    : frame_bytes_{prefix_bytes + message_bytes}, buffer_(buffer_bytes) {
  // Long enough to compare a full buffer with, from any place within a frame on.
  const auto prefix = make_prefix(message_bytes);
  while (bytes_.size() < buffer_bytes + frame_bytes_) {
    bytes_.insert(bytes_.end(), prefix.begin(), prefix.end());
    for (std::size_t i = 0; i < message_bytes; ++i) bytes_.push_back(static_cast<std::byte>(i % 251));
  }
}

void frame_stream::send(int socket, std::size_t frames) const {
  const std::size_t bytes = frames * frame_bytes_;
  const ssize_t sent = ::send(socket, bytes_.data(), bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 || static_cast<std::size_t>(sent) != bytes) {
    throw std::runtime_error{"a send was not taken whole"};
  }
}

std::uint64_t frame_stream::receive(int socket, std::size_t& partial_bytes) {
  const ssize_t count = ::recv(socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (count < 0 && errno == EAGAIN) return 0;
  if (checked(static_cast<int>(count), "recv") == 0) {
    throw std::runtime_error{"the server ended a connection"};
  }
  const auto bytes = static_cast<std::size_t>(count);
  if (std::memcmp(buffer_.data(), bytes_.data() + partial_bytes, bytes) != 0) {
    throw std::runtime_error{"what comes back differs from what was sent"};
  }
  partial_bytes += bytes;
  const std::uint64_t whole = partial_bytes / frame_bytes_;
  partial_bytes %= frame_bytes_;
  return whole;
}

}  // namespace naru::bench
