#include "core/manager.hpp"

#include <algorithm>
#include <atomic>
#include <new>
#include <thread>
#include <utility>

#include "core/letters.hpp"
#include "core/option_checks.hpp"
#include "core/shell.hpp"
#include "engine/select.hpp"

namespace naru::core {

namespace {

template <typename Error>
std::unexpected<std::error_code> failure(Error error) {
  return std::unexpected{std::error_code{error}};
}

socket_id next_socket_id() noexcept {
  static std::atomic<std::uint64_t> last = 0;
  return socket_id{last.fetch_add(1, std::memory_order_relaxed) + 1};
}

}  // namespace

manager::manager(network_options options, std::shared_ptr<engine::platform> system)
    : options_{std::move(options)},
      log_{std::move(options_.log), options_.log_threshold},
      system_{std::move(system)} {}

result<void> manager::start() {
  std::shared_ptr<engine::platform> system;
  {
    const base::mutex_lock hold{mutex_};
    if (phase_ != phase::idle) return failure(errc::already_running);
    if (const std::error_code error = check(options_)) return std::unexpected{error};
    phase_ = phase::starting;
    system = system_;
  }
  auto process = process_hold::take();
  auto made = process ? make_crew(system) : std::unexpected{process.error()};
  const base::mutex_lock hold{mutex_};
  phase_changed_.notify_all();
  if (!made) {
    phase_ = phase::idle;
    return std::unexpected{made.error()};
  }
  phase_ = phase::running;
  system_ = std::move(system);
  crew_ = *std::move(made);
  process_.emplace(*std::move(process));
  return {};
}

result<std::shared_ptr<crew>> manager::make_crew(std::shared_ptr<engine::platform>& system) {
  if (system == nullptr) {
    auto selected = engine::select_platform(options_.engine);
    if (!selected) return std::unexpected{selected.error()};
    system = *std::move(selected);
  }
  const bool is_polled = options_.workers == 0;
  unsigned workers = options_.workers;
  if (workers == network_options::one_per_core) workers = std::thread::hardware_concurrency();
  auto made = std::make_shared<crew>(system, log_, options_.memory_max);
  made->watch(options_.stall_warning);
  const std::error_code error =
      made->start(std::max(workers, 1U), is_polled, options_.on_worker_start, shared_from_this());
  if (error) return std::unexpected{error};
  return made;
}

std::shared_ptr<crew> manager::running_crew() const {
  const base::mutex_lock hold{mutex_};
  return phase_ == phase::running ? crew_ : nullptr;
}

bool manager::is_running() const {
  return running_crew() != nullptr;
}

unsigned manager::worker_count() const {
  const auto team = running_crew();
  return team == nullptr ? 0 : team->size();
}

network_stats manager::stats() const {
  const base::mutex_lock hold{mutex_};
  return crew_ == nullptr ? last_stats_ : crew_->stats();
}

result<void> manager::poll(std::chrono::milliseconds wait) {
  const auto self = shared_from_this();  // a handler may destroy the network
  const auto team = running_crew();
  if (team == nullptr) return failure(errc::not_running);
  if (!team->is_polled()) return failure(errc::not_polled);
  if (team->is_here()) return failure(errc::own_worker);
  const base::turnstile::visit turning{turn_};
  if (running_crew() != team) return failure(errc::not_running);
  wait = std::clamp(wait, std::chrono::milliseconds{0}, profile::duration_max);
  team->polled().turn(wait);
  if (team->is_abandoned()) team->finish();
  return {};
}

result<socket_id> manager::bind(transport over, const endpoint& local, const bind_options& options) {
  std::shared_ptr<engine::platform> system;
  unsigned workers = 0;
  {
    const base::mutex_lock hold{mutex_};
    if (phase_ != phase::running) return failure(errc::not_running);
    system = system_;
    workers = crew_->size();
  }
  if (local.family() == address_family::none) return failure(errc::invalid_endpoint);
  auto made = make_bound(*system, over, local, options, workers);
  if (!made) return std::unexpected{made.error()};
  const socket_id id = next_socket_id();
  const base::mutex_lock hold{mutex_};
  if (phase_ != phase::running) return failure(errc::not_running);
  sockets_.emplace(id, *std::move(made));
  return id;
}

result<manager::bound> manager::make_bound(engine::platform& system, transport over, const endpoint& local,
                                           const bind_options& options, unsigned workers) {
  bound one = {.over = over};
  if (over == transport::udp) {
    auto made = system.bind_datagrams(local, options, workers);
    if (!made) return std::unexpected{made.error()};
    one.sockets = std::move(made->sockets);
    one.local = made->local;
    one.steered = made->steered;
  } else {
    auto made = system.bind_stream(local, options);
    if (!made) return std::unexpected{made.error()};
    one.sockets.push_back(std::move(made->socket));
    one.local = made->local;
  }
  return one;
}

result<void> manager::listen(socket_id id, std::shared_ptr<const handlers> shared,
                             const listen_options& options) {
  const base::mutex_lock hold{mutex_};
  if (phase_ != phase::running) return failure(errc::not_running);
  const auto found = sockets_.find(id);
  // What is wrong with the options depends on what they are for.
  if (found == sockets_.end()) return failure(errc::unknown_socket);
  bound& one = found->second;
  if (const std::error_code error = check(one.over, options)) return std::unexpected{error};
  if (one.listens) return failure(errc::already_listening);
  auto common =
      std::make_shared<const profile>(one.over, options.connection, std::move(shared), crew_->totals());
  return one.over == transport::udp ? lease(id, one, std::move(common), options)
                                    : accept(id, one, std::move(common), options);
}

result<void> manager::accept(socket_id id, bound& one, std::shared_ptr<const profile> common,
                             const listen_options& options) {
  protocol::hash_key key = {};
  if (options.admission.connections_per_address_max != 0) {
    if (const std::error_code error = system_->fill_random(std::as_writable_bytes(std::span{key}))) {
      return std::unexpected{error};
    }
  }
  if (const std::error_code error = system_->listen(one.sockets.front(), options.accept_queue_max)) {
    return std::unexpected{error};
  }
  one.listens = true;
  one.gate = std::make_shared<admission>(options.admission, key);
  one.worker_index = listeners_placed_++ % crew_->size();
  auto* const letter =
      new listen_letter{id, std::move(one.sockets.front()), std::move(common), presence{one.gate}};
  if (!crew_->at(one.worker_index).mail().push(*letter)) letter->discard();
  return {};
}

result<void> manager::lease(socket_id id, bound& one, std::shared_ptr<const profile> common,
                            const listen_options& options) {
  udp_lease::terms agreed = {.id = id, .local = one.local, .options = options, .steered = one.steered};
  if (const std::error_code error = system_->fill_random(std::as_writable_bytes(std::span{agreed.key}))) {
    return std::unexpected{error};
  }
  std::vector<worker*> workers;
  workers.reserve(crew_->size());
  for (std::size_t i = 0; i < crew_->size(); ++i) workers.push_back(&crew_->at(i));
  one.lease = std::make_shared<udp_lease>(agreed, std::move(common), std::move(workers));
  one.gate = one.lease->gate();
  std::vector<lease_letter*> letters;
  letters.reserve(crew_->size());
  for (std::size_t i = 0; i < crew_->size(); ++i) {
    auto* const letter = new (std::nothrow) lease_letter{one.lease, i, std::move(one.sockets[i])};
    if (letter == nullptr) {
      for (lease_letter* const unsent : letters) unsent->discard();
      sockets_.erase(id);  // it has lost some of its sockets
      return failure(std::make_error_code(std::errc::not_enough_memory));
    }
    letters.push_back(letter);
  }
  one.listens = true;
  // The first one last: it may receive for the others at once, and they have to be there then.
  for (std::size_t i = crew_->size(); i-- > 0;) {
    if (!crew_->at(i).mail().push(*letters[i])) letters[i]->discard();
  }
  return {};
}

result<endpoint> manager::local_endpoint(socket_id id) const {
  const base::mutex_lock hold{mutex_};
  if (phase_ != phase::running) return failure(errc::not_running);
  const auto found = sockets_.find(id);
  if (found == sockets_.end()) return failure(errc::unknown_socket);
  return found->second.local;
}

result<void> manager::close(socket_id id) {
  const base::mutex_lock hold{mutex_};
  if (phase_ != phase::running) return failure(errc::not_running);
  const auto found = sockets_.find(id);
  if (found == sockets_.end()) return failure(errc::unknown_socket);
  if (found->second.lease != nullptr) {
    end_lease(found->second.lease);
  } else if (found->second.listens) {
    auto* const letter = new unlisten_letter{id};
    if (!crew_->at(found->second.worker_index).mail().push(*letter)) letter->discard();
  }
  sockets_.erase(found);
  return {};
}

result<std::weak_ptr<connection>> manager::connect(transport over, const connect_target& target,
                                                   std::shared_ptr<const handlers> shared,
                                                   const connect_options& options) {
  const auto team = running_crew();
  if (team == nullptr) return failure(errc::not_running);
  if (const std::error_code error = check(over, options)) return std::unexpected{error};
  worker& there = team->pick();
  const auto made = shell::make(
      std::make_shared<const profile>(over, options.connection, std::move(shared), team->totals()),
      there.shared_mail());
  connect_plan plan = {.target = target,
                       .timeout = std::min(options.connect_timeout, profile::duration_max),
                       .receive_buffer_bytes = options.receive_buffer_bytes};
  auto* const letter = made == nullptr ? nullptr : new (std::nothrow) connect_letter{made, std::move(plan)};
  if (letter == nullptr) {
    there.load().fetch_sub(1, std::memory_order_relaxed);
    return failure(std::make_error_code(std::errc::not_enough_memory));
  }
  made->attach_object(options.attach);
  if (!there.mail().push(*letter)) {
    there.load().fetch_sub(1, std::memory_order_relaxed);
    letter->discard();
    return failure(errc::not_running);
  }
  return std::weak_ptr<connection>{made};
}

}  // namespace naru::core
