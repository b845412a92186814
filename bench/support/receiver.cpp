#include "support/receiver.hpp"

#include <cerrno>
#include <utility>
#include <vector>

#include <sys/socket.h>

#include "support/programs.hpp"

namespace naru::bench {

receiver::receiver(descriptor socket, std::size_t message_bytes, int cpu) : socket_{std::move(socket)} {
  ::sem_init(&arrived_, 0, 0);
  thread_ = std::thread{[this, message_bytes, cpu] {
    pin_this_thread(cpu);
    loop(message_bytes);
  }};
}

receiver::~receiver() {
  ::shutdown(socket_.get(), SHUT_RDWR);
  thread_.join();
  ::sem_destroy(&arrived_);
}

std::chrono::steady_clock::time_point receiver::wait() {
  while (::sem_wait(&arrived_) != 0 && errno == EINTR) {
  }
  return arrival_;
}

void receiver::loop(std::size_t message_bytes) {
  std::vector<std::byte> message(message_bytes);
  while (::recv(socket_.get(), message.data(), message.size(), MSG_WAITALL) ==
         static_cast<ssize_t>(message.size())) {
    arrival_ = std::chrono::steady_clock::now();
    ::sem_post(&arrived_);
  }
}

}  // namespace naru::bench
