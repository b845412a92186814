#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <variant>

#include "core/latest_box.hpp"
#include "core/letter.hpp"
#include "core/message_body.hpp"
#include "core/network_totals.hpp"
#include "core/segment.hpp"
#include "protocol/frame_rules.hpp"

namespace naru::core {

class outgoing;
class shell;
class socket;
struct profile;

/// A message that another thread sent: framed and counted against the backlog there, on its way into the
/// queue. A small one lies behind this object in the same allocation; others have their own memory, which
/// the queue takes over.
class remote_send final : public letter {
 public:
  // Null when there is no memory: the message is left as it was. [any]
  /// A framed copy of the message, or the message itself where it was moved in.
  [[nodiscard]] static remote_send* make(std::weak_ptr<shell> to, outgoing& message, const wrapping& around,
                                         const profile& common) noexcept;
  /// One that many share.
  [[nodiscard]] static remote_send* make(std::weak_ptr<shell> to, const message_ref& message, bytes_view wire,
                                         const profile& common) noexcept;
  /// For one that may be replaced on its way, which it is given later.
  [[nodiscard]] static remote_send* make_for_latest(std::weak_ptr<shell> to, const profile& common) noexcept;
  void carry(latest_value& value) noexcept { body_ = &value; }

  /// What it takes on the wire; 0 for one that may be replaced, of which its box knows it.
  [[nodiscard]] std::size_t wire_bytes() const noexcept { return wire_bytes_; }
  /// Whether it counts against the backlog yet, or as in transit.
  [[nodiscard]] bool is_counted() const noexcept { return count_ == counts::as_waiting; }
  void set_counted(bool counted) noexcept { count_ = counted ? counts::as_waiting : counts::in_transit; }
  void forget_count() noexcept { count_ = counts::not_at_all; }

  /// Into the queue of the socket, which has counted it. [worker]
  void put_into(socket& to) noexcept;

  [[nodiscard]] bool deliver_early(worker& at) noexcept override;
  void deliver(worker& at) noexcept override;
  void discard() noexcept override;
  void free() noexcept;

 private:
  struct shared_bytes {
    message_ref message;
    bytes_view wire;
  };
  using content = std::variant<std::monostate, std::unique_ptr<large_message>, shared_bytes, latest_value*>;
  enum class counts : unsigned char { as_waiting, in_transit, not_at_all };

  remote_send(std::weak_ptr<shell> to, std::size_t wire_bytes, content body,
              std::shared_ptr<network_totals> counted_in, std::size_t memory_bytes) noexcept
      : to_{std::move(to)},
        body_{std::move(body)},
        wire_bytes_{wire_bytes},
        counted_in_{std::move(counted_in)},
        memory_bytes_{memory_bytes} {}
  ~remote_send() = default;

  [[nodiscard]] static remote_send* make_with(std::weak_ptr<shell> to, std::size_t wire_bytes, content body,
                                              const profile& common, std::size_t inline_bytes) noexcept;
  /// The bytes of a small one, framing included.
  [[nodiscard]] bytes_view bytes() const noexcept;

  std::weak_ptr<shell> to_;
  content body_;
  std::size_t wire_bytes_;
  /// Null where memory has no limit.
  std::shared_ptr<network_totals> counted_in_;
  std::size_t memory_bytes_;
  counts count_ = counts::as_waiting;
};

}  // namespace naru::core
