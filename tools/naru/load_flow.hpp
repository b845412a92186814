#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include <naru/connection.hpp>

#include "load_plan.hpp"
#include "load_tally.hpp"

namespace naru::program {

/// One connection of a load: sends, checks what comes back, and measures how long it took. What an answer
/// means depends on the transport: see stream_flow and datagram_flow. All but `poke`, `weak` and
/// `waits_in_vain` runs on the worker of its connection.
class load_flow {
 public:
  using clock = load_plan::clock;

  load_flow(load_plan& plan, std::uint32_t number) : plan_{plan}, number_{number} {}
  virtual ~load_flow() = default;
  load_flow(const load_flow&) = delete;
  load_flow& operator=(const load_flow&) = delete;

  void on_connected(connection& peer, load_tally& tally);
  void on_received(connection& peer, bytes_view message);
  /// The system told that nobody listened there.
  void on_unheard();
  /// `locally`: we ended it ourselves.
  void on_closed(bool locally);

  /// Sends what may be sent now.
  void fill(connection& peer);
  /// Sends no more; what is under way is waited for.
  void settle();
  /// Has the worker fill it; cheap when that has been asked for already. [any]
  void poke();
  /// The connection, once it is connected. [any]
  [[nodiscard]] const std::weak_ptr<connection>& weak() const noexcept { return weak_; }
  /// Whether a message has become lost that `fill` has not given up yet. [any]
  [[nodiscard]] virtual bool waits_in_vain(clock::time_point /*now*/) const noexcept { return false; }

 protected:
  [[nodiscard]] const load_plan& plan() const noexcept { return plan_; }
  [[nodiscard]] load_tally& tally() const noexcept { return *tally_; }
  [[nodiscard]] std::uint32_t number() const noexcept { return number_; }
  /// How many messages were sent, which is the next one's sequence number.
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }

 private:
  /// The message `sent()` goes. Its latency counts from `due`.
  virtual void note_sent(clock::time_point due, clock::time_point now) = 0;
  virtual void accept(bytes_view message, clock::time_point now) = 0;
  /// Gives up what has waited for too long.
  virtual void give_up(clock::time_point /*now*/) {}
  [[nodiscard]] virtual std::uint64_t under_way() const noexcept = 0;

  void fill_at(connection& peer, clock::time_point now);
  void finish_if_settled();
  void finish();

  load_plan& plan_;
  const std::uint32_t number_;
  std::weak_ptr<connection> weak_;
  load_tally* tally_ = nullptr;
  std::uint64_t sent_ = 0;
  bool settling_ = false;
  bool finished_ = false;
  std::atomic<bool> poked_ = false;
};

}  // namespace naru::program
