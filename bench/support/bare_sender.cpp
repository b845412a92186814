#include "support/bare_sender.hpp"

#include <cstdint>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "support/frames.hpp"
#include "support/programs.hpp"
#include "support/sockets.hpp"

namespace naru::bench {

bare_sender::bare_sender(int cpu)
    : wake_{checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")},
      poller_{checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")} {
  const descriptor listener = listen_on_loopback(0);
  peer_ = connect_to_loopback(local_port(listener));
  socket_ = descriptor{checked(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK), "accept4")};
  set_no_delay(socket_.get());
  for (const int watched : {wake_.get(), socket_.get()}) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.fd = watched;
    checked(::epoll_ctl(poller_.get(), EPOLL_CTL_ADD, watched, &event), "epoll_ctl");
  }
  thread_ = std::thread{[this, cpu] {
    pin_this_thread(cpu);
    loop();
  }};
}

bare_sender::~bare_sender() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  ::eventfd_write(wake_.get(), 1);
  thread_.join();
}

void bare_sender::send(std::span<const std::byte> message) {
  const auto prefix = make_prefix(message.size());
  {
    const std::lock_guard lock{mutex_};
    queue_.insert(queue_.end(), prefix.begin(), prefix.end());
    queue_.insert(queue_.end(), message.begin(), message.end());
  }
  checked(::eventfd_write(wake_.get(), 1), "eventfd_write");
}

void bare_sender::loop() {
  std::vector<std::byte> taken;
  for (epoll_event event{};;) {
    if (::epoll_wait(poller_.get(), &event, 1, -1) < 1 || event.data.fd != wake_.get()) continue;
    eventfd_t count = 0;
    ::eventfd_read(wake_.get(), &count);
    {
      const std::lock_guard lock{mutex_};
      if (ending_) return;
      taken.swap(queue_);
    }
    ::send(socket_.get(), taken.data(), taken.size(), MSG_NOSIGNAL);
    taken.clear();
  }
}

}  // namespace naru::bench
