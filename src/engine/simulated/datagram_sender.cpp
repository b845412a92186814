#include "engine/simulated/datagram_sender.hpp"

#include <algorithm>
#include <utility>

#include "engine/simulated/contract.hpp"
#include "engine/simulated/whereabouts.hpp"

namespace naru::engine::simulated {

namespace {

using status = datagrams_sent::status;

/// What fits into an IPv4 packet behind its header and that of UDP.
constexpr std::size_t datagram_bytes_max = 65'507;

/// The most polls by which a datagram is late.
constexpr std::size_t late_polls_max = 4;

/// What a datagram leaves from: the address that its user wants, or the one that the system chooses.
[[nodiscard]] endpoint choose_source(const datagram_port& from, const endpoint* wanted, const endpoint& to) {
  if (wanted != nullptr) return wanted->with_port(from.local.port());
  return from.local.is_wildcard() ? loopback(to.family(), from.local.port()) : from.local;
}

/// A datagram to there can leave from this address.
[[nodiscard]] bool fits(const endpoint& source, const datagram_port& from, const endpoint& to) {
  return from.covers(source) && find(source) == whereabouts::here && !source.is_wildcard() &&
         source.family() == to.family();
}

}  // namespace

datagrams_sent datagram_sender::send(datagram_network& network, const datagram_port& from,
                                     std::span<const departure> batch) {
  require(!batch.empty() && batch.size() <= datagram_socket::departures_max,
          "a send has from one to departures_max datagrams");
  const allowance allowed = draw_allowance(batch.size());
  for (std::size_t i = 0; i < allowed.count; ++i) {
    if (const std::error_code error = send_one(network, from, batch[i])) {
      return {.state = status::failed, .count = i, .error = error};
    }
  }
  if (allowed.count == batch.size()) return {.state = status::taken, .count = batch.size()};
  if (allowed.then == status::waits) {
    room_wanted_ = true;
    delay_polls_ = context_.delay(context_.manners.completion_delay_polls_max);
  }
  return {.state = allowed.then, .count = allowed.count};
}

datagram_sender::allowance datagram_sender::draw_allowance(std::size_t wanted) {
  const hostility& manners = context_.manners;
  const bool refuse = context_.chance.happens(manners.send_datagrams_no_room_percent);
  const bool defer = context_.chance.happens(manners.send_datagrams_wait_percent);
  allowance allowed{.count = std::min(wanted, manners.send_datagrams_max),
                    .then = refuse ? status::no_room : status::waits};
  if (refuse || defer) {
    const std::size_t least = starved_ ? 1 : 0;
    allowed.count = context_.chance.between(least, std::min(allowed.count, wanted - 1));
  }
  starved_ = allowed.count == 0;
  return allowed;
}

std::error_code datagram_sender::send_one(datagram_network& network, const datagram_port& from,
                                          const departure& next) {
  require(from.is_connected() || next.remote != nullptr, "a datagram of a shared socket goes to somebody");
  if (const std::error_code error = context_.fault(operation::send_datagram)) return error;
  if (next.bytes.size() > datagram_bytes_max) return std::make_error_code(std::errc::message_size);
  const endpoint to = from.is_connected() ? from.peer : concrete(*next.remote);
  if (to.port() == 0) return std::make_error_code(std::errc::invalid_argument);
  const whereabouts place = find(to);
  if (place == whereabouts::unreachable) return std::make_error_code(std::errc::network_unreachable);
  const endpoint source = choose_source(from, next.local, to);
  if (!fits(source, from, to)) return std::make_error_code(std::errc::address_not_available);
  if (place == whereabouts::here) pass(network, to, source, next.bytes);
  return {};
}

/// Through the network, which may do with it what it was told to.
void datagram_sender::pass(datagram_network& network, const endpoint& to, const endpoint& from,
                           bytes_view bytes) {
  const hostility& manners = context_.manners;
  if (context_.chance.happens(manners.lose_percent)) return;
  datagram_port* const receiver = network.port_for(to, from);
  if (receiver == nullptr) {
    errors_.add(std::make_error_code(std::errc::connection_refused), to);
    return;
  }
  datagram next{.remote = from, .local = to, .bytes = {bytes.begin(), bytes.end()}};
  if (context_.chance.happens(manners.duplicate_percent)) receiver->receive(next, draw_lateness());
  receiver->receive(std::move(next), draw_lateness());
}

unsigned datagram_sender::draw_lateness() noexcept {
  if (!context_.chance.happens(context_.manners.reorder_datagrams_percent)) return 0;
  return static_cast<unsigned>(context_.chance.between(1, late_polls_max));
}

bool datagram_sender::advance() noexcept {
  if (!room_wanted_ || delay_polls_ == 0) return false;
  --delay_polls_;
  return true;
}

void datagram_sender::tell_room(datagram_events& events) {
  if (!room_ready()) return;
  room_wanted_ = false;
  events.on_room();
}

}  // namespace naru::engine::simulated
