#pragma once

#include <cstddef>
#include <functional>
#include <random>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "engine/engine.hpp"

namespace naru::test {

/// The plainest user of one stream there can be: it sends what it is given, keeps what it receives, and holds
/// the engine to the order of events that the seam promises. It must outlive its stream.
class seam_peer final : public engine::stream_events {
 public:
  /// Where the stream comes from: one that connects has an answer to wait for.
  enum class origin { connected_out, accepted };

  seam_peer(origin from, std::minstd_rand& chance)
      : origin_{from}, connected_{from == origin::accepted}, chance_{chance} {}
  ~seam_peer();
  seam_peer(const seam_peer&) = delete;
  seam_peer& operator=(const seam_peer&) = delete;

  void serve(engine::stream& stream) noexcept { stream_ = &stream; }

  /// Whatever can be sent, in submissions of random sizes; after all of it the end, if that was asked for.
  /// To be called now and then: a refusal for lack of room is not followed by an event.
  void pump();
  void send(std::string bytes) { to_send_ += bytes; }
  void end_after_sending() { ends_ = true; }
  void resume();
  void pause();
  void close(engine::close_mode mode);
  /// From now on the stream is another's, which has not had any.
  void hand_over_to(seam_peer& successor);

  [[nodiscard]] bool was_accepted() const { return origin_ == origin::accepted; }
  [[nodiscard]] bool can_be_used() const { return stream_ != nullptr && !closing_; }
  [[nodiscard]] bool is_connected() const { return connected_ && !connect_error_; }
  [[nodiscard]] bool was_answered() const { return connected_; }
  [[nodiscard]] std::error_code connect_error() const { return connect_error_; }
  [[nodiscard]] const std::string& received() const { return received_; }
  [[nodiscard]] bool receive_ended() const { return receive_ended_; }
  [[nodiscard]] std::error_code receive_error() const { return receive_error_; }
  [[nodiscard]] std::error_code send_error() const { return send_error_; }
  [[nodiscard]] bool send_pending() const { return pending_; }
  [[nodiscard]] bool all_sent() const { return sent_ == to_send_.size() && !pending_; }
  [[nodiscard]] std::size_t sent() const { return sent_; }
  [[nodiscard]] bool is_closing() const { return closing_ && !closed_; }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] engine::stream& stream() { return *stream_; }

  std::function<void(seam_peer&, bytes_view)> when_received;  ///< beside keeping the bytes

  void on_connected(std::error_code error) override;
  void on_received(bytes_view bytes) override;
  void on_receive_ended(std::error_code error) override;
  void on_sent(std::size_t bytes, std::error_code error) override;
  void on_closed() override;

 private:
  void expect_event_is_due();
  [[nodiscard]] bool send_once();
  void took(std::size_t bytes, std::error_code error);

  origin origin_;
  engine::stream* stream_ = nullptr;
  std::string to_send_;
  std::size_t sent_ = 0;
  std::vector<std::byte> submitted_;  ///< the memory of the pending send
  std::string received_;
  std::error_code connect_error_, receive_error_, send_error_;
  bool connected_;
  bool paused_ = true;
  bool pending_ = false;
  bool ends_ = false;
  bool ended_ = false;
  bool receive_ended_ = false;
  bool closing_ = false;
  bool closed_ = false;
  std::minstd_rand& chance_;
};

}  // namespace naru::test
