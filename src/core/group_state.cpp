#include "core/group_state.hpp"

#include <new>
#include <system_error>
#include <utility>

#include "core/shell.hpp"

namespace naru::core {

namespace {

std::unexpected<std::error_code> no_memory() noexcept {
  return std::unexpected{std::make_error_code(std::errc::not_enough_memory)};
}

/// [any]
result<void> post(inbox& mail, letter& one) noexcept {
  if (mail.push(one)) return {};
  one.discard();
  return std::unexpected{make_error_code(errc::closed)};
}

}  // namespace

group_state::~group_state() {
  const base::mutex_lock hold{mutex_};
  for (auto& each : parts_) group_part::dissolve(std::move(each));
}

std::shared_ptr<group_part> group_state::part_of(const inbox& mail) const {
  for (const auto& each : parts_) {
    if (each->is_of(mail)) return each;
  }
  return nullptr;
}

result<void> group_state::add(shell& member) {
  if (!member.accepts_sends()) return std::unexpected{make_error_code(errc::closed)};
  if (member.rare() == nullptr) return no_memory();  // where its memberships will hang
  std::shared_ptr<group_part> part;
  {
    const base::mutex_lock hold{mutex_};
    part = part_of(*member.shared_mail());
    if (part == nullptr) {
      // Workers that have ended, those of a network that was stopped, have no members any more.
      std::erase_if(parts_, [](const auto& each) { return each->mail().is_closed(); });
      try {
        part = parts_.emplace_back(std::make_shared<group_part>(member.shared_mail(), totals_));
      } catch (const std::bad_alloc&) {
        return no_memory();
      }
    }
  }
  auto* const place = new (std::nothrow) group_member{part, member.weak_self()};
  if (place == nullptr) return no_memory();
  return post(part->mail(), *place);
}

result<void> group_state::remove(shell& member) {
  if (!member.accepts_sends()) return std::unexpected{make_error_code(errc::closed)};
  std::shared_ptr<group_part> part;
  {
    const base::mutex_lock hold{mutex_};
    part = part_of(*member.shared_mail());
  }
  if (part == nullptr) return {};
  auto* const letter = new (std::nothrow) leave_letter{part, member.weak_self()};
  if (letter == nullptr) return no_memory();
  return post(part->mail(), *letter);
}

result<void> group_state::send(const message_ref& message, connection_id but) {
  letter* first = nullptr;
  bool complete = true;
  {
    const base::mutex_lock hold{mutex_};
    for (const auto& each : parts_) {
      auto* const made = new (std::nothrow) group_letter{each, message, but};
      if (made == nullptr) {
        complete = false;
        break;
      }
      made->next = first;
      first = made;
    }
  }
  if (complete) totals_->messages.fetch_add(1, std::memory_order_relaxed);
  while (first != nullptr) {
    auto& one = static_cast<group_letter&>(*first);
    first = first->next;
    if (!complete || !one.mail().push(one)) one.discard();
  }
  return complete ? result<void>{} : no_memory();
}

}  // namespace naru::core
