#pragma once

#include "base/assert.hpp"
#include "engine/windows/windows_headers.hpp"

namespace naru::engine {

class iocp_source;

/// One request to the system, which writes into it until its completion was taken out of the port: until then
/// it stays where it is, whatever became of its socket. [worker]
class operation : public OVERLAPPED {
 public:
  explicit operation(iocp_source& owner) noexcept : OVERLAPPED{}, owner_{owner} {}
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;
  ~operation() { NARU_ASSERT(!under_way_, "an operation dies after its completion"); }

  [[nodiscard]] iocp_source& owner() const noexcept { return owner_; }

  /// The system has it, or its completion waits in the port.
  [[nodiscard]] bool under_way() const noexcept { return under_way_; }
  void set_under_way(bool value) noexcept { under_way_ = value; }

  /// Cleared, for the next request.
  [[nodiscard]] OVERLAPPED* fresh() noexcept {
    NARU_ASSERT(!under_way_, "an operation is one request at a time");
    static_cast<OVERLAPPED&>(*this) = {};
    return this;
  }

  /// The system has done with it, also when its completion waits in the port still.
  [[nodiscard]] bool is_done() const noexcept;

 private:
  iocp_source& owner_;
  bool under_way_ = false;
};

}  // namespace naru::engine
