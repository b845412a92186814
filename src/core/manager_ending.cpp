#include <algorithm>
#include <new>
#include <utility>
#include <vector>

#include "core/drain_letter.hpp"
#include "core/letters.hpp"
#include "core/manager.hpp"
#include "core/profile.hpp"

namespace naru::core {

namespace {

using std::chrono::steady_clock;

/// How long to wait before looking again where nobody's patience ends.
constexpr std::chrono::milliseconds for_ever = std::chrono::years{1};
/// How long a drain turns a polled worker before others may.
constexpr std::chrono::milliseconds turn_wait{10};

template <typename Error>
std::unexpected<std::error_code> failure(Error error) {
  return std::unexpected{std::error_code{error}};
}

std::chrono::milliseconds sane(std::chrono::milliseconds grace) noexcept {
  return std::clamp(grace, std::chrono::milliseconds{0}, profile::duration_max);
}

/// Waits until `wait` says that it is over, or until handlers that do not return have used up the patience.
template <typename Wait>
result<void> wait_patiently(const crew& team, std::string_view who, steady_clock::time_point grace_end,
                            std::chrono::milliseconds patience, Wait&& wait) {
  const std::chrono::milliseconds more =
      patience.count() == 0 ? for_ever : std::min(patience, profile::duration_max);
  auto deadline = std::max(grace_end, steady_clock::now()) + more;
  while (!wait(deadline)) {
    if (patience.count() > 0 && team.name_running_handlers(who)) return failure(errc::handler_stuck);
    // It is nobody's handler that takes so long: a busy machine, or time that a test does not let pass.
    deadline = steady_clock::now() + more;
  }
  return {};
}

}  // namespace

result<void> manager::stop(std::chrono::milliseconds grace, std::chrono::milliseconds patience) {
  std::shared_ptr<crew> team;
  bool is_first = false;
  time_point grace_end;
  {
    base::mutex_lock hold{mutex_};
    if (crew_ != nullptr && crew_->is_here()) return failure(errc::own_worker);
    while (phase_ == phase::starting) phase_changed_.wait(hold);
    if (phase_ == phase::idle) return {};
    team = crew_;
    if (phase_ == phase::running) {
      is_first = true;
      phase_ = phase::stopping;
      grace_end_ = steady_clock::now() + sane(grace);
      std::erase_if(sockets_, [](const auto& each) { return !each.second.listens; });
    }
    grace_end = grace_end_;
  }
  if (is_first) team->send_stop(sane(grace));
  const auto outcome = wait_patiently(*team, "stop", grace_end, patience,
                                      [&](time_point deadline) { return wait_until_ended(*team, deadline); });
  if (!outcome) return outcome;
  has_stopped(team);
  return {};
}

bool manager::wait_until_ended(crew& team, time_point deadline) {
  if (!team.is_polled()) return team.wait_until_ended(deadline);
  // A `poll` on another thread has been woken, and returns.
  if (!turn_.enter_until(deadline, [] { return false; })) return false;
  team.polled().run();
  turn_.leave();
  return true;
}

void manager::has_stopped(const std::shared_ptr<crew>& team) {
  std::shared_ptr<crew> last;
  base::mutex_lock hold{mutex_};
  while (crew_ == team && phase_ == phase::finishing) phase_changed_.wait(hold);
  if (crew_ != team) return;  // another call was first
  phase_ = phase::finishing;
  hold.unlock();
  team->finish();
  hold.lock();
  last_stats_ = crew_->stats();
  last = std::move(crew_);
  crew_ = nullptr;
  sockets_.clear();
  draining_.clear();
  process_.reset();
  phase_ = phase::idle;
  phase_changed_.notify_all();
}

void manager::end() noexcept {
  std::shared_ptr<crew> team;
  {
    const base::mutex_lock hold{mutex_};
    if (crew_ != nullptr && crew_->is_here()) team = crew_;
  }
  if (team == nullptr) {
    const std::chrono::milliseconds none{0};
    // Who does not return has been logged then.
    if (!stop(none)) static_cast<void>(stop(none, none));
    return;
  }
  log_.write(
      log_level::error,
      "a network was destroyed on one of its own workers: it ends without being waited for; destroy it "
      "on another thread");
  team->abandon();
}

result<void> manager::drain(socket_id id, std::chrono::milliseconds grace) {
  const auto self = shared_from_this();  // a handler may destroy the network
  std::shared_ptr<crew> team;
  draining one;
  {
    const base::mutex_lock hold{mutex_};
    if (phase_ != phase::running) return failure(errc::not_running);
    if (crew_->is_here()) return failure(errc::own_worker);
    team = crew_;
    if (const auto found = sockets_.find(id); found != sockets_.end()) {
      const bool listens = found->second.listens;
      if (listens) {
        if (const auto begun = begin_drain(id, found->second, sane(grace)); !begun) return begun;
      }
      sockets_.erase(found);
      if (!listens) return {};
    }
    const auto found = draining_.find(id);
    if (found == draining_.end()) return failure(errc::unknown_socket);
    one = found->second;
  }
  const auto outcome =
      wait_patiently(*team, "drain", one.grace_end, options_.handler_patience,
                     [&](time_point deadline) { return wait_until_drained(*team, *one.gate, deadline); });
  if (outcome) {
    const base::mutex_lock hold{mutex_};
    draining_.erase(id);
  }
  return outcome;
}

result<void> manager::begin_drain(socket_id id, bound& one, std::chrono::milliseconds grace) {
  std::vector<drain_letter*> letters;
  letters.reserve(crew_->size());
  for (std::size_t i = 0; i < crew_->size(); ++i) {
    auto* const letter = new (std::nothrow) drain_letter{one.gate, id, one.lease, i, grace};
    if (letter == nullptr) {
      for (drain_letter* const unsent : letters) unsent->discard();
      return failure(std::make_error_code(std::errc::not_enough_memory));
    }
    letters.push_back(letter);
  }
  // Before the letters: whoever comes to a worker after its letter finds this.
  one.gate->begin_drain();
  if (one.lease != nullptr) one.lease->close();
  draining_.insert_or_assign(id, draining{.gate = one.gate, .grace_end = steady_clock::now() + grace});
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (!crew_->at(i).mail().push(*letters[i])) letters[i]->discard();
  }
  return {};
}

bool manager::wait_until_drained(crew& team, admission& gate, time_point deadline) {
  if (!team.is_polled()) return gate.present().wait_until(deadline);
  const auto is_empty = [&gate] { return gate.present().is_empty(); };
  while (!is_empty()) {
    if (!turn_.enter_until(deadline, is_empty)) return is_empty();
    const bool goes_on = team.polled().turn(turn_wait);
    if (team.is_abandoned()) team.finish();  // nobody else will
    turn_.leave();
    if (!goes_on) return true;
  }
  return true;
}

}  // namespace naru::core
