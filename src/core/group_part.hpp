#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <naru/socket_id.hpp>

#include "base/intrusive_list.hpp"
#include "core/inbox.hpp"
#include "core/letter.hpp"
#include "core/message_body.hpp"

namespace naru::core {

class group_part;
class shell;
struct members_tag;

/// What a group counts. [any]
struct group_totals {
  std::atomic<std::size_t> members = 0;
  std::atomic<std::uint64_t> messages = 0;
  std::atomic<std::uint64_t> copies = 0;
  std::atomic<std::uint64_t> refused = 0;
};

/// One connection's place in a group. Made by whoever adds it, it travels as a letter, and stays on the
/// connection's worker until that ends or leaves.
class group_member final : public letter, public base::list_node<members_tag> {
 public:
  group_member(std::shared_ptr<group_part> part, std::weak_ptr<shell> who) noexcept
      : part_{std::move(part)}, who_{std::move(who)} {}

  [[nodiscard]] bool deliver_early(worker& at) noexcept override;
  void deliver(worker& at) noexcept override { static_cast<void>(deliver_early(at)); }
  void discard() noexcept override { delete this; }

  /// Takes the connection out of all its groups. [worker]
  static void leave_all(shell& who) noexcept;
  /// Takes it out of one. [worker]
  static void leave(shell& who, const group_part& of) noexcept;

  // Only of one that is in. [worker]
  [[nodiscard]] shell& who() const noexcept { return *shell_; }
  /// It will soon be sent to.
  void fetch_ahead() const noexcept;

 private:
  friend class group_part;
  ~group_member() = default;
  void end() noexcept;
  void vanish() noexcept;

  std::shared_ptr<group_part> part_;
  std::weak_ptr<shell> who_;
  /// Lives longer than its membership.
  shell* shell_ = nullptr;
  group_member* next_of_shell_ = nullptr;
};

/// The members of a group that one worker has.
class group_part {
 public:
  group_part(std::shared_ptr<inbox> mail, std::shared_ptr<group_totals> totals) noexcept
      : mail_{std::move(mail)}, totals_{std::move(totals)} {}

  // [any]
  [[nodiscard]] inbox& mail() const noexcept { return *mail_; }
  [[nodiscard]] group_totals& totals() const noexcept { return *totals_; }
  [[nodiscard]] bool is_of(const inbox& which) const noexcept { return mail_.get() == &which; }
  /// Lets all members go, after what was sent. Once.
  static void dissolve(std::shared_ptr<group_part> part) noexcept;

  // [worker]
  void send(const message_ref& message, connection_id but) noexcept;
  void enter(group_member& one) noexcept;

 private:
  using member_list = base::intrusive_list<group_member, members_tag>;

  /// Part of it, so that a group can end without memory.
  class dissolve_letter final : public letter {
   public:
    [[nodiscard]] bool deliver_early(worker& at) noexcept override;
    void deliver(worker& at) noexcept override { static_cast<void>(deliver_early(at)); }
    void discard() noexcept override { const auto last = std::move(of); }

    std::shared_ptr<group_part> of;
  };

  std::shared_ptr<inbox> mail_;
  std::shared_ptr<group_totals> totals_;
  dissolve_letter end_;
  member_list members_;
};

/// A message on its way to the members of one part.
class group_letter final : public letter {
 public:
  group_letter(std::shared_ptr<group_part> to, message_ref message, connection_id but) noexcept
      : to_{std::move(to)}, message_{std::move(message)}, but_{but} {}

  [[nodiscard]] bool deliver_early(worker& at) noexcept override;
  void deliver(worker& at) noexcept override { static_cast<void>(deliver_early(at)); }
  void discard() noexcept override { delete this; }
  [[nodiscard]] inbox& mail() const noexcept { return to_->mail(); }

 private:
  ~group_letter() = default;
  std::shared_ptr<group_part> to_;
  message_ref message_;
  connection_id but_;
};

/// A connection that shall leave.
class leave_letter final : public letter {
 public:
  leave_letter(std::shared_ptr<group_part> part, std::weak_ptr<shell> who) noexcept
      : part_{std::move(part)}, who_{std::move(who)} {}

  [[nodiscard]] bool deliver_early(worker& at) noexcept override;
  void deliver(worker& at) noexcept override { static_cast<void>(deliver_early(at)); }
  void discard() noexcept override { delete this; }

 private:
  ~leave_letter() = default;
  std::shared_ptr<group_part> part_;
  std::weak_ptr<shell> who_;
};

}  // namespace naru::core
