#pragma once

#include <cstddef>
#include <cstdint>

#include <naru/endpoint.hpp>

#include "base/clock.hpp"
#include "base/intrusive_list.hpp"
#include "protocol/peer_table.hpp"

namespace naru::core {

struct ignored_tag;

/// Addresses whose datagrams are thrown away for a while. Their number is bounded: past it the one that was
/// put here first is let in again. [worker]
class ignored_peers {
 public:
  using time_point = base::clock::time_point;
  static constexpr std::size_t count_max = 65'536;

  ignored_peers() = default;
  ignored_peers(const ignored_peers&) = delete;
  ignored_peers& operator=(const ignored_peers&) = delete;
  ~ignored_peers();

  /// Without memory for it, it is not ignored.
  void add(std::uint64_t hash, const endpoint& peer, time_point until) noexcept;
  /// Whether it is ignored at this time.
  [[nodiscard]] bool contains(std::uint64_t hash, const endpoint& peer, time_point now) noexcept;

 private:
  struct entry final : protocol::table_member<entry>, base::list_node<ignored_tag> {
    endpoint peer;
    time_point until;

    entry(std::uint64_t hash, const endpoint& of, time_point end) noexcept
        : table_member{hash}, peer{of}, until{end} {}
    [[nodiscard]] endpoint peer_address() const noexcept { return peer; }
  };

  void forget(entry& one) noexcept;

  protocol::peer_table<entry> table_;
  base::intrusive_list<entry, ignored_tag> in_order_;
};

}  // namespace naru::core
