#include "core/group_part.hpp"

#include "base/fetch_lines.hpp"
#include "core/shell.hpp"
#include "core/socket.hpp"

namespace naru::core {

bool group_member::deliver_early(worker&) noexcept {
  const auto who = who_.lock();
  rarities* const in = who == nullptr || who->has_ended() ? nullptr : who->rare();
  bool is_in = false;
  for (const group_member* each = in == nullptr ? nullptr : in->memberships; each != nullptr;
       each = each->next_of_shell_) {
    is_in |= each->part_ == part_;
  }
  if (in == nullptr || is_in) {
    delete this;
    return true;
  }
  shell_ = who.get();
  next_of_shell_ = std::exchange(in->memberships, this);
  part_->enter(*this);
  return true;
}

void group_member::end() noexcept {
  group_member** place = &shell_->known_rare()->memberships;
  while (*place != this) place = &(*place)->next_of_shell_;
  *place = next_of_shell_;
  vanish();
}

void group_member::vanish() noexcept {
  part_->totals().members.fetch_sub(1, std::memory_order_relaxed);
  delete this;
}

void group_member::leave_all(shell& who) noexcept {
  rarities* const in = who.known_rare();
  if (in == nullptr) return;
  while (group_member* const each = in->memberships) {
    in->memberships = each->next_of_shell_;
    each->vanish();
  }
}

void group_member::leave(shell& who, const group_part& of) noexcept {
  rarities* const in = who.known_rare();
  for (group_member* each = in == nullptr ? nullptr : in->memberships; each != nullptr;
       each = each->next_of_shell_) {
    if (each->part_.get() == &of) {
      each->end();
      return;
    }
  }
}

void group_member::fetch_ahead() const noexcept {
  base::fetch_lines(shell_, 3);
}

void group_part::enter(group_member& one) noexcept {
  members_.push_back(one);
  totals_->members.fetch_add(1, std::memory_order_relaxed);
}

void group_part::send(const message_ref& message, connection_id but) noexcept {
  std::uint64_t copies = 0;
  std::uint64_t refused = 0;
  member_list all = members_.take_all();
  while (group_member* const each = all.pop_front()) {
    members_.push_back(*each);
    // All of them are out of the cache, so the next ones are brought in.
    if (group_member* const next = all.front()) {
      next->fetch_ahead();
      if (const group_member* const later = all.after(*next)) base::fetch_lines(later, 2);
    }
    shell& who = each->who();
    if (who.number() == but || !who.accepts_sends()) continue;
    // One that is still to get its socket takes the way of other threads.
    const bool taken = who.behind() != nullptr ? who.behind()->send(message).has_value()
                                               : who.send_shared(message).has_value();
    ++(taken ? copies : refused);
  }
  totals_->copies.fetch_add(copies, std::memory_order_relaxed);
  totals_->refused.fetch_add(refused, std::memory_order_relaxed);
}

void group_part::dissolve(std::shared_ptr<group_part> part) noexcept {
  group_part& self = *part;
  self.end_.of = std::move(part);
  if (!self.mail_->push(self.end_)) self.end_.discard();
}

bool group_part::dissolve_letter::deliver_early(worker&) noexcept {
  const auto part = std::move(of);
  while (group_member* const each = part->members_.front()) each->end();
  return true;
}

bool group_letter::deliver_early(worker&) noexcept {
  to_->send(message_, but_);
  delete this;
  return true;
}

bool leave_letter::deliver_early(worker&) noexcept {
  if (const auto who = who_.lock()) group_member::leave(*who, *part_);
  delete this;
  return true;
}

}  // namespace naru::core
