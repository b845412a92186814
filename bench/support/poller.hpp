#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include <sys/epoll.h>

#include "support/descriptor.hpp"
#include "support/programs.hpp"

namespace naru::bench {

/// Edge-triggered epoll for sockets that have numbers.
class poller {
 public:
  void watch(int socket, std::uint32_t number, std::uint32_t events = EPOLLIN) {
    epoll_event event{};
    event.events = events | EPOLLET;
    event.data.u32 = number;
    checked(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket, &event), "epoll_ctl");
  }

  /// Waits for no longer than this, exact to some microseconds (epoll_pwait2(2)); what has happened.
  [[nodiscard]] std::span<const epoll_event> wait(std::chrono::nanoseconds longest) {
    longest = std::max(longest, std::chrono::nanoseconds{0});
    const auto seconds = std::chrono::floor<std::chrono::seconds>(longest);
    const timespec time = {.tv_sec = seconds.count(), .tv_nsec = (longest - seconds).count()};
    const int count = checked(
        ::epoll_pwait2(epoll_.get(), events_.data(), static_cast<int>(events_.size()), &time, nullptr),
        "epoll_pwait2");
    return std::span{events_}.first(static_cast<std::size_t>(count));
  }

 private:
  descriptor epoll_{checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")};
  std::array<epoll_event, 256> events_ = {};
};

}  // namespace naru::bench
