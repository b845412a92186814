#pragma once

#include "base/intrusive_list.hpp"
#include "core/worker.hpp"
#include "engine/engine.hpp"

namespace naru::core {

class dial;

/// One address that is being tried. It outlives its dial until the engine has closed its stream, and then
/// destroys itself. [worker]
class attempt final : public engine::stream_events, public base::list_node<all_tag> {
 public:
  /// Begins; on an error nothing has begun.
  [[nodiscard]] static result<attempt*> begin(worker& at, dial& of, const endpoint& remote,
                                              const engine::stream_options& options) noexcept;
  /// The dial does not want it any more.
  void drop() noexcept;

  void on_connected(std::error_code error) override;
  void on_received(bytes_view bytes) override;
  void on_receive_ended(std::error_code error) override;
  void on_sent(std::size_t bytes, std::error_code error) override;
  void on_closed() override { delete this; }

 private:
  explicit attempt(dial& of) noexcept : dial_{&of} {}
  ~attempt() = default;

  dial* dial_;
  engine::stream* stream_ = nullptr;
};

}  // namespace naru::core
