#pragma once

#include <cstddef>

#include <sys/types.h>

#include <naru/endpoint.hpp>

#include "engine/linux/descriptor.hpp"

namespace naru::test {

/// Peers in a process of their own, so that their descriptors are not this process's. To be made before any
/// thread is.
class crowd {
 public:
  crowd();
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;
  ~crowd();

  /// Opens so many connections more, and returns when the kernel has them all. False when one failed.
  [[nodiscard]] bool connect(const endpoint& where, unsigned count);

 private:
  struct order {
    endpoint where;
    unsigned count = 0;
  };
  [[noreturn]] static void obey(int orders);

  engine::descriptor orders_;
  pid_t process_ = 0;
};

}  // namespace naru::test
