#include <utility>

#include <naru/connection.hpp>
#include <naru/group.hpp>

#include "core/group_state.hpp"
#include "core/shell.hpp"

namespace naru {

namespace {

/// No connection has it.
constexpr connection_id nobody{0};

result<void> send_to(core::group_state& all, const message& shared, connection_id but) {
  if (shared.is_nothing()) return std::unexpected{make_error_code(errc::invalid_message)};
  return all.send(core::message_ref{shared}, but);
}

result<void> send_to(core::group_state& all, bytes_view bytes, connection_id but) {
  const auto made = message::make(bytes);
  if (!made) return std::unexpected{made.error()};
  return send_to(all, *made, but);
}

}  // namespace

group::group() : state_{std::make_unique<core::group_state>()} {}
group::group(group&& other) noexcept = default;
group& group::operator=(group&& other) noexcept = default;
group::~group() = default;

result<void> group::add(connection& member) {
  return state_->add(core::shell::of(member));
}

result<void> group::remove(connection& member) {
  return state_->remove(core::shell::of(member));
}

result<void> group::send(const message& shared) {
  return send_to(*state_, shared, nobody);
}

result<void> group::send(bytes_view bytes) {
  return send_to(*state_, bytes, nobody);
}

result<void> group::send_except(const connection& but, const message& shared) {
  return send_to(*state_, shared, but.id());
}

result<void> group::send_except(const connection& but, bytes_view bytes) {
  return send_to(*state_, bytes, but.id());
}

std::size_t group::size() const noexcept {
  return state_->totals().members.load(std::memory_order_relaxed);
}

group_stats group::stats() const noexcept {
  const core::group_totals& totals = state_->totals();
  return {.messages = totals.messages.load(std::memory_order_relaxed),
          .copies = totals.copies.load(std::memory_order_relaxed),
          .refused = totals.refused.load(std::memory_order_relaxed)};
}

}  // namespace naru
