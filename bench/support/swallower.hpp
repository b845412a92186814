#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "support/descriptor.hpp"
#include "support/poller.hpp"

namespace naru::bench {

/// A thread that receives on many sockets, throws the bytes away, and counts them.
class swallower {
 public:
  swallower(std::vector<descriptor> sockets, int cpu);
  swallower(const swallower&) = delete;
  swallower& operator=(const swallower&) = delete;
  ~swallower();

  /// Waits until so many have come since it was made. Throws when nothing comes any more.
  void wait_for(std::uint64_t bytes) const;

 private:
  void loop();

  std::vector<descriptor> sockets_;
  poller poller_;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<bool> ends_ = false;
  std::thread thread_;
};

}  // namespace naru::bench
