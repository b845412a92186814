#include "core/worker.hpp"

#include <algorithm>
#include <utility>

#include "base/fetch_lines.hpp"
#include "core/attempt.hpp"
#include "core/crew.hpp"
#include "core/datagram_batch.hpp"
#include "core/drain_letter.hpp"
#include "core/listener.hpp"
#include "core/timed_task.hpp"
#include "core/udp_socket.hpp"

namespace naru::core {

namespace {

constexpr std::chrono::milliseconds retry_delay{10};

}  // namespace

worker::worker(crew& of, unsigned index, std::unique_ptr<engine::engine> system, const base::clock& time,
               const logger& log)
    : team_{of},
      index_{index},
      engine_{std::move(system)},
      mail_{std::make_shared<inbox>(*engine_)},
      clock_{time},
      log_{log},
      timers_{time.now()},
      queues_{of.totals()->memory},
      watch_{time},
      now_{time.now()},
      grace_timer_{[](void* self) { static_cast<worker*>(self)->end_grace(); }, this},
      retry_timer_{[](void* self) { static_cast<worker*>(self)->retry(); }, this} {}

worker::~worker() {
  NARU_ASSERT(sockets_.empty() && udp_sockets_.empty() && listeners_.empty() && attempts_.empty(),
              "a worker outlives what it serves");
}

void worker::run() {
  while (engine_ != nullptr && turn(std::chrono::nanoseconds::max())) {
  }
}

bool worker::turn(std::chrono::nanoseconds wait_max) {
  worker* const outer = std::exchange(current_, this);
  const std::chrono::nanoseconds wait = wait_for(wait_max);
  time_has_passed();  // by the end of the wait: what is received counts its deadlines from then
  engine_->poll(wait);
  mail_->awake();
  time_has_passed();
  if (timers_.next()) timers_.advance(now());
  open_mail();
  settle_all();
  if (datagrams_ != nullptr) push_datagrams();
  if (queues_.budget().is_tight()) [[unlikely]]
    relieve_memory(0);
  const bool ended = has_ended();
  current_ = outer;
  return !ended;
}

std::chrono::nanoseconds worker::wait_for(std::chrono::nanoseconds wait_max) noexcept {
  time_has_passed();
  if (!unsettled_.empty() || sorted_first_ != nullptr) return std::chrono::nanoseconds{0};
  if (const auto next = timers_.next()) {
    wait_max = std::clamp(std::chrono::nanoseconds{*next - now()}, std::chrono::nanoseconds{0}, wait_max);
  }
  if (wait_max.count() > 0 && !mail_->prepare_sleep()) return std::chrono::nanoseconds{0};
  return wait_max;
}

worker::time_point worker::now() noexcept {
  if (!now_is_fresh_) {
    now_ = clock_.now();
    now_is_fresh_ = true;
  }
  return now_;
}

std::uint32_t queue_supply::read_time() const noexcept {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(time_->now().time_since_epoch());
  return static_cast<std::uint32_t>(since.count());
}

void worker::sort_mail() noexcept {
  letter* each = mail_->take_all();
  while (each != nullptr) {
    letter* const one = std::exchange(each, each->next);
    if (one->deliver_early(*this)) continue;
    one->next = nullptr;
    (sorted_first_ == nullptr ? sorted_first_ : sorted_last_->next) = one;
    sorted_last_ = one;
  }
}

void worker::open_mail() noexcept {
  take_in_mail();
  // What comes in meanwhile waits for the next turn, so that a flood of letters does not starve the sockets.
  letter* each = std::exchange(sorted_first_, nullptr);
  while (each != nullptr) {
    letter* const one = std::exchange(each, each->next);
    one->deliver(*this);
  }
}

void worker::settle_later(socket& one) noexcept {
  if (!unsettled_list::is_linked(one)) unsettled_.push_back(one);
}

void worker::settle_all() noexcept {
  unsettled_list now = unsettled_.take_all();
  while (socket* const one = now.pop_front()) {
    // A message for many finds each of them out of the cache. While one sends, the next two are brought in.
    if (socket* const next = now.front()) {
      next->fetch_ahead();
      if (const socket* const later = now.after(*next)) base::fetch_lines(later, 4);
    }
    one->settle();
  }
}

bool worker::prepare_datagrams() noexcept {
  if (datagrams_ == nullptr) datagrams_ = datagram_batch::make();
  return datagrams_ != nullptr;
}

void worker::push_datagrams() noexcept {
  if (udp_socket* const owner = datagrams_->owner()) owner->push();
}

void worker::retry_soon() noexcept {
  if (!retry_timer_.is_armed()) timers_.arm(retry_timer_, now() + retry_delay);
}

void worker::retry() noexcept {
  sockets_.for_each([](socket& one) { one.retry(); });
}

void worker::stop(std::chrono::milliseconds grace) noexcept {
  grace_ = grace;
  // Refused only by a worker that has ended.
  static_cast<void>(mail_->push(stop_letter_));
}

void worker::begin_stop() noexcept {
  stopping_ = true;
  listeners_.for_each([](listener& one) { one.close(); });
  sockets_.for_each([](socket& one) { one.stop(close_cause::network_stopped); });
  udp_sockets_.for_each([](udp_socket& one) { one.stop(); });
  timers_.arm(grace_timer_, now() + std::min<std::chrono::milliseconds>(grace_, std::chrono::years{1}));
}

void worker::end_grace() noexcept {
  // Handlers of the first of these may end others.
  sockets_.for_each([](socket& one) { one.stop_now(close_cause::network_stopped); });
  udp_sockets_.for_each([](udp_socket& one) { one.stop_now(close_cause::network_stopped); });
}

bool worker::has_ended() noexcept {
  if (!stopping_ || !sockets_.empty() || !udp_sockets_.empty() || !listeners_.empty() || !attempts_.empty() ||
      sorted_first_ != nullptr) {
    return false;
  }
  timed_task::end_all(timers_);
  if (!mail_->try_close()) return false;
  while (drain_letter* const over = drains_.pop_front()) over->discard();
  engine_.reset();
  return true;
}

}  // namespace naru::core
