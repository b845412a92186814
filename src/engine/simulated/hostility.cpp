#include "engine/simulated/hostility.hpp"

#include "engine/simulated/random.hpp"

namespace naru::engine::simulated {

hostility hostility::hostile(std::uint64_t seed) noexcept {
  random chance{seed};
  return {
      .seed = seed,
      .send_pending_percent = 70,
      .send_no_room_percent = 3,
      .send_short_percent = 50,
      .receive_bytes_max = chance.between(1000, 20'000),
      .receive_any_size = true,
      .receives_ahead_max = 3,
      .completion_delay_polls_max = 3,
      .connect_delay_polls_max = 3,
      .accept_delay_polls_max = 3,
      .close_delay_polls_max = 3,
      .reorder = true,
      .pipe_bytes = chance.between(2000, 30'000),
      .receive_datagrams_max = chance.between(2, 8),
      .send_datagrams_max = chance.between(5, 50),
      .send_datagrams_wait_percent = 30,
      .send_datagrams_no_room_percent = 3,
      .losses_told_late = true,
  };
}

hostility hostility::one_byte(std::uint64_t seed) noexcept {
  return {
      .seed = seed,
      .send_pending_percent = 100,
      .send_bytes_max = 1,
      .receive_bytes_max = 1,
      .completion_delay_polls_max = 1,
      .connect_delay_polls_max = 1,
      .accept_delay_polls_max = 1,
      .close_delay_polls_max = 1,
      .reorder = true,
      .pipe_bytes = 256,
      .receive_datagrams_max = 1,
      .send_datagrams_max = 1,
      .losses_told_late = true,
  };
}

}  // namespace naru::engine::simulated
