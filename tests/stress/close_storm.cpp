#include "stress/close_storm.hpp"

#include <chrono>
#include <sstream>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>

namespace naru::test {

namespace {

/// Long: a connection whose wake-up was lost must not be rescued by its own time-out.
constexpr std::chrono::hours linger_timeout{1};

template <typename T>
T value_of(result<T> outcome) {
  if (!outcome) throw std::system_error{outcome.error()};
  if constexpr (!std::is_void_v<T>) return std::move(*outcome);
}

constexpr std::size_t backlog_bytes_max = std::size_t{256} << 10;

connection_options storm_options() {
  return {.max_message_bytes = std::size_t{64} << 10,
          .backlog_bytes_max = backlog_bytes_max,
          .linger_timeout = linger_timeout,
          // Who was closed at the other side is never told.
          .udp = {.idle_timeout = std::chrono::milliseconds{300}}};
}

}  // namespace

unsigned this_lane() {
  static std::atomic<unsigned> lanes_given = 0;
  static thread_local const unsigned lane = lanes_given++ % lanes_max;
  return lane;
}

close_storm::close_storm(const storm_plan& plan, network& server, network& client)
    : plan_{plan}, server_{server}, client_{client} {}

void close_storm::begin() {
  const socket_id id = value_of(server_.bind(plan_.over, endpoint::loopback_ipv4(0)));
  value_of(server_.listen(id, make_handlers(), {.connection = storm_options()}));
  where_ = value_of(server_.local_endpoint(id));
  client_handlers_ = std::make_shared<const handlers>(make_handlers());
  for (std::size_t i = 0; i < plan_.connections; ++i) connect_another();
}

void close_storm::complain(const char* what) {
  const std::lock_guard lock{mutex_};
  if (complaints_.size() < 20) complaints_.emplace_back(what);
}

template <typename Body>
void close_storm::inside(connection& peer, Body body) {
  // An accepted connection has none before its on_connected.
  auto session = peer.attached<storm_session>();
  if (session == nullptr) {
    session = std::make_shared<storm_session>(sessions_alive_, false);
    peer.attach(session);
    ++opened_;
  }
  if (const char* wrong = session->enter()) complain(wrong);
  body(*session);
  session->leave();
}

handlers close_storm::make_handlers() {
  handlers made;
  made.on_connected = [this](connection& peer) {
    inside(peer, [&](storm_session&) {
      note_open(peer);
      random chance = chance_of(peer, {});
      for (int i = 0; i < 3; ++i) operate(peer, chance);
    });
  };
  made.on_received = [this](connection& peer, bytes_view bytes) {
    inside(peer, [&](storm_session& session) { received(peer, session, bytes); });
  };
  made.on_closed = [this](connection& peer, close_reason) {
    bool outgoing = false;
    inside(peer, [&](storm_session& session) {
      outgoing = session.outgoing();
      session.mark_closed();
      note_closed(peer);
      random chance = chance_of(peer, {});
      operate(peer, chance);  // on a shell: to no effect
    });
    if (outgoing && !calm_) connect_another();  // before it is counted: the storm is not over in between
    ++closed_;
  };
  return made;
}

void close_storm::note_open(connection& peer) {
  const std::lock_guard lock{mutex_};
  place_[peer.id()] = open_.size();
  open_.push_back(peer.weak_from_this());
  all_.push_back(peer.weak_from_this());
}

void close_storm::note_closed(connection& peer) {
  const std::lock_guard lock{mutex_};
  const auto found = place_.find(peer.id());
  if (found == place_.end()) return;  // it never came about
  const std::size_t place = found->second;
  place_.erase(found);
  open_[place] = open_.back();
  open_.pop_back();
  if (place == open_.size()) return;
  if (const auto moved = open_[place].lock()) place_[moved->id()] = place;
}

void close_storm::received(connection& peer, storm_session& session, bytes_view bytes) {
  ++messages_;
  const auto message = decode(bytes);
  if (!message) return complain("a message was damaged");
  bool first = false;
  const char* const wrong = is_udp() ? session.check_datagram(*message) : session.check(*message, first);
  if (wrong != nullptr) complain(wrong);
  if (first) {
    const std::lock_guard lock{mutex_};
    if (!senders_.insert(message->sender).second) complaints_.emplace_back("one sender was heard by two");
  }
  // Seldom enough for a message to have less than one answer, on average.
  random chance = chance_of(peer, bytes);
  if (chance() % 4 == 0) operate(peer, chance);
  if (chance() % 8 == 0) {
    if (const auto other = pick(chance)) operate(*other, chance);
  }
}

void close_storm::connect_another() {
  const auto session = std::make_shared<storm_session>(sessions_alive_, true);
  ++opened_;
  const auto made = client_.connect(plan_.over, where_, client_handlers_,
                                    {.connection = storm_options(), .attach = session});
  if (!made) {
    --opened_;  // the network is being stopped
  } else if (is_udp()) {
    // It is open from now on, and has to speak first.
    if (const auto peer = made->lock(); peer != nullptr && !peer->is_closed()) {
      note_open(*peer);
      random chance = chance_of(*peer, {});
      for (int i = 0; i < 3; ++i) send(*peer, chance);
    }
  }
}

void close_storm::meddle(unsigned thread) {
  random chance{plan_.seed * 1000 + thread};
  while (operations_ < plan_.operations && !stopped_) {
    const auto peer = pick(chance);
    if (peer == nullptr) {
      std::this_thread::yield();
    } else if (ahead() || peer->is_closed() || peer->backlog_bytes() > backlog_bytes_max / 4) {
      // Now and then is enough: a storm of closed connections and full backlogs would be no storm.
      if (chance() % 64 == 0) operate(*peer, chance);
      peer->resume_receiving();
      std::this_thread::yield();
    } else {
      operate(*peer, chance);
    }
  }
}

bool close_storm::ahead() const noexcept {
  constexpr std::uint64_t start = 1000;
  return operations_ > start + 8 * messages_;
}

std::shared_ptr<connection> close_storm::pick(random& chance) {
  const std::lock_guard lock{mutex_};
  return open_.empty() ? nullptr : open_[chance() % open_.size()].lock();
}

close_storm::random close_storm::chance_of(const connection& peer, bytes_view bytes) const {
  return random{plan_.seed + static_cast<std::uint64_t>(peer.id()) * 31 + bytes.size() * 7 + operations_};
}

void close_storm::operate(connection& peer, random& chance) {
  ++operations_;
  const auto kind = chance() % 1000;
  if (kind < 600) {
    send(peer, chance);
  } else if (kind < 700) {
    (void)peer.post([this, seed = chance()](connection& self) {
      inside(self, [&](storm_session&) {
        random own{seed};
        operate(self, own);
      });
    });
  } else if (kind < 760) {
    peer.pause_receiving();
  } else if (kind < 880) {
    peer.resume_receiving();
  } else if (kind < 980) {
    if (peer.backlog_bytes() > peer.stats().backlog_bytes_highest) complain("a backlog is above its highest");
    (void)peer.remote_endpoint();
    (void)peer.is_closed();
  } else if (kind < 993) {
    peer.close();
    if (!peer.is_closed()) complain("a connection is open after close");
  } else {
    peer.abort();
    if (peer.send("late")) complain("a connection takes messages after abort");
  }
}

void close_storm::send(connection& peer, random& chance) {
  const auto session = peer.attached<storm_session>();
  if (session == nullptr) return;
  const storm_message message{.sender = static_cast<std::uint64_t>(peer.id()),
                              .lane = this_lane(),
                              .sequence = session->next_sequence()};
  const bool large = chance() % 50 == 0;
  const std::size_t filler_bytes = chance() % (plan_.filler_bytes_max * (large ? 15 : 1));
  std::string text = encode(message, filler_bytes);
  result<void> sent;
  switch (chance() % 3) {
    case 0:
      sent = peer.send(text);
      break;
    case 1:
      sent = peer.send(std::move(text));
      break;
    default: {
      const bytes_view bytes = as_bytes(text);
      sent = peer.send({bytes.first(sizeof message), bytes.subspan(sizeof message)});
    }
  }
  if (sent) session->sent();
}

void close_storm::calm_down() {
  calm_ = true;
  std::vector<std::weak_ptr<connection>> all;
  {
    const std::lock_guard lock{mutex_};
    all = all_;
  }
  for (const auto& held : all) {
    if (const auto peer = held.lock()) {
      peer->resume_receiving();
      peer->close();
    }
  }
}

std::vector<std::string> close_storm::verdict() {
  client_handlers_.reset();
  const std::lock_guard lock{mutex_};
  if (opened_ != closed_) complaints_.push_back("not every connection had its on_closed: " + summary());
  if (messages_ < operations_ * plan_.messages_per_thousand_min / 1000)
    complaints_.push_back("it was no storm: " + summary());
  if (sessions_alive_ != 0) complaints_.push_back("attached objects were not released: " + summary());
  for (const auto& shell : all_) {
    if (!shell.expired()) {
      complaints_.emplace_back("a connection is still held");
      break;
    }
  }
  return complaints_;
}

std::string close_storm::summary() const {
  std::ostringstream text;
  text << operations_ << " operations, " << messages_ << " messages received, " << opened_
       << " connections opened, " << closed_ << " closed, " << sessions_alive_ << " attached objects alive";
  return text.str();
}

}  // namespace naru::test
