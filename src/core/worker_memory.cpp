#include <array>
#include <bit>
#include <system_error>

#include "core/udp_socket.hpp"
#include "core/worker.hpp"

namespace naru::core {

namespace {

std::size_t size_class(std::size_t bytes) noexcept {
  return static_cast<std::size_t>(std::bit_width(bytes));
}

}  // namespace

template <typename Action>
void worker::for_each_connection(Action&& act) {
  sockets_.for_each([&](socket& one) { act(one); });
  udp_sockets_.for_each([&](udp_socket& one) { one.for_each_renter(act); });
}

bool worker::relieve_memory(std::size_t bytes_wanted) noexcept {
  const base::memory_budget& budget = queues_.budget();
  if (!budget.is_limited()) return false;
  // Sorted by size to within a factor of 2, which takes no memory.
  static constexpr std::size_t class_count = 65;
  std::array<std::size_t, class_count> counts = {};
  for_each_connection([&](const socket& one) {
    if (!one.is_ending()) ++counts[size_class(one.memory_bytes())];
  });
  const std::size_t goal = budget.excess() + bytes_wanted;
  std::size_t freed = 0;
  for (std::size_t each = class_count; --each > 0 && freed < goal;) {
    if (counts[each] == 0) continue;
    for_each_connection([&](socket& one) {
      const std::size_t bytes = one.memory_bytes();
      if (freed >= goal || one.is_ending() || size_class(bytes) != each) return;
      freed += bytes;
      one.fail({close_cause::memory, std::make_error_code(std::errc::not_enough_memory)});
    });
  }
  return freed > 0;
}

}  // namespace naru::core
