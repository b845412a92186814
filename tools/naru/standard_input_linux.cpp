#include <array>
#include <cerrno>
#include <cstdint>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "standard_input.hpp"

namespace naru::program {

namespace {

std::error_code last_error() noexcept {
  return {errno, std::system_category()};
}

}  // namespace

class standard_input::source {
 public:
  source() : cancelled_{eventfd(0, EFD_CLOEXEC)} {
    if (cancelled_ < 0) throw std::system_error{last_error(), "eventfd"};
  }
  ~source() { close(cancelled_); }
  source(const source&) = delete;
  source& operator=(const source&) = delete;

  [[nodiscard]] std::expected<std::size_t, std::error_code> read(std::span<char> into) const noexcept;
  void cancel() const noexcept { eventfd_write(cancelled_, 1); }

 private:
  int cancelled_;
};

std::expected<std::size_t, std::error_code> standard_input::source::read(
    std::span<char> into) const noexcept {
  while (true) {
    std::array<pollfd, 2> sources{pollfd{.fd = cancelled_, .events = POLLIN, .revents = 0},
                                  pollfd{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0}};
    if (poll(sources.data(), sources.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return std::unexpected{last_error()};
    }
    if (sources[0].revents != 0) return 0;
    const auto count = ::read(STDIN_FILENO, into.data(), into.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR && errno != EAGAIN) return std::unexpected{last_error()};
  }
}

standard_input::standard_input() : source_{std::make_shared<source>()} {}

standard_input::~standard_input() = default;

std::expected<std::size_t, std::error_code> standard_input::read(std::span<char> into) noexcept {
  return source_->read(into);
}

void standard_input::cancel() noexcept {
  source_->cancel();
}

}  // namespace naru::program
