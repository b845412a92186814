#include "support/swallower.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include <sys/socket.h>

#include "support/programs.hpp"
#include "support/steady.hpp"

namespace naru::bench {

swallower::swallower(std::vector<descriptor> sockets, int cpu) : sockets_{std::move(sockets)} {
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    poller_.watch(sockets_[i].get(), static_cast<std::uint32_t>(i));
  }
  thread_ = std::thread{[this, cpu] {
    pin_this_thread(cpu);
    loop();
  }};
}

swallower::~swallower() {
  ends_ = true;
  thread_.join();
}

void swallower::wait_for(std::uint64_t bytes) const {
  const auto longest = after(20);
  while (bytes_ < bytes) {
    if (steady::now() > longest) throw std::runtime_error{"not everything has come within 20 s"};
    std::this_thread::sleep_for(std::chrono::microseconds{200});
  }
}

void swallower::loop() {
  std::array<std::byte, 4096> memory;  // NOLINT: nobody looks at it
  while (!ends_) {
    for (const epoll_event& event : poller_.wait(std::chrono::milliseconds{100})) {
      for (;;) {
        const ssize_t count =
            ::recv(sockets_[event.data.u32].get(), memory.data(), memory.size(), MSG_DONTWAIT);
        if (count <= 0) break;
        bytes_ += static_cast<std::uint64_t>(count);
      }
    }
  }
}

}  // namespace naru::bench
