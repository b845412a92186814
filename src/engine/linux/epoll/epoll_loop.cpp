#include "engine/linux/epoll/epoll_loop.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include <sys/eventfd.h>

#include "base/assert.hpp"
#include "engine/poll_wait.hpp"

namespace naru::engine {

std::error_code epoll_loop::open() noexcept {
  scratch_.reset(new (std::nothrow) std::byte[scratch_bytes]);
  if (scratch_ == nullptr) return std::make_error_code(std::errc::not_enough_memory);
  epoll_ = descriptor{::epoll_create1(EPOLL_CLOEXEC)};
  if (!epoll_) return last_error();
  wake_ = descriptor{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!wake_) return last_error();
  // Every write to an eventfd is a new edge, also when nobody has read the last one, so nobody ever does:
  // that spares a system call for each wake-up. Its count would be full after 2^64 of them. The event bears
  // nobody's name and is dropped like those of sockets that are gone: having ended the wait, it has done its
  // work.
  epoll_event event = {.events = EPOLLIN | EPOLLET, .data = {.u64 = slot_table<epoll_source>::nobody}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0) return last_error();
  return {};
}

epoll_loop::~epoll_loop() {
  NARU_ASSERT(sources_.size() == 0, "an engine is destroyed when nothing of it is open");
}

std::error_code epoll_loop::watch(std::unique_ptr<epoll_source>& source, std::uint32_t events) noexcept {
  const auto name = sources_.insert(*source);
  if (name == slot_table<epoll_source>::nobody) return std::make_error_code(std::errc::not_enough_memory);
  epoll_event event = {.events = events, .data = {.u64 = name}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, source->socket(), &event) != 0) {
    const std::error_code error = last_error();
    sources_.erase(name);
    return error;
  }
  source->name_ = name;
  static_cast<void>(source.release());  // owned by the loop: its end destroys it
  return {};
}

void epoll_loop::retire(epoll_source& source) noexcept {
  // A close alone ends the watch only with the last duplicate of the descriptor, which a child of fork(2) may
  // hold for as long as it likes (epoll(7), question 6).
  static_cast<void>(::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, source.socket(), nullptr));
  source.socket_.close();
  sources_.erase(std::exchange(source.name_, slot_table<epoll_source>::nobody));
  turns_.retire(source);
}

void epoll_loop::poll(std::chrono::nanoseconds wait) {
  const int timeout_ms = turns_.any() ? 0 : to_milliseconds(wait);
  const int count = ::epoll_wait(epoll_.get(), events_.data(), events_max, timeout_ms);
  NARU_ASSERT(count >= 0 || errno == EINTR,
              "waiting fails for a signal only, and that is the end of the wait");
  source_turns::list turns = turns_.take_turns();
  // With many connections each event finds its own out of the cache; fetching the next ones meanwhile hides
  // that.
  const std::span events = std::span{events_}.first(static_cast<std::size_t>(std::max(count, 0)));
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i + 2 < events.size()) __builtin_prefetch(sources_.find(events[i + 2].data.u64));
    if (i + 1 < events.size()) {
      if (const epoll_source* const next = sources_.find(events[i + 1].data.u64)) next->fetch_ahead();
    }
    if (epoll_source* const source = sources_.find(events[i].data.u64)) source->serve(events[i].events);
  }
  source_turns::serve(turns);
  turns_.finish_closed();
}

void epoll_loop::wake() noexcept {
  static_cast<void>(::eventfd_write(wake_.get(), 1));
}

}  // namespace naru::engine
