#include "linux/engine/child.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "engine/linux/descriptor.hpp"
#include "engine/linux/socket_address.hpp"

namespace naru::test {

bool leave_network() {
  if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  const engine::descriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  ifreq loopback = {};
  std::strcpy(loopback.ifr_name, "lo");
  loopback.ifr_flags = IFF_UP | IFF_RUNNING;
  return ::ioctl(socket.get(), SIOCSIFFLAGS, &loopback) == 0;
}

bool add_loopback_address(const endpoint& address) {
  const engine::descriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const engine::socket_address value{address};
  ifreq loopback = {};
  std::strcpy(loopback.ifr_name, "lo:1");
  std::memcpy(&loopback.ifr_addr, value.data(), sizeof loopback.ifr_addr);
  return ::ioctl(socket.get(), SIOCSIFADDR, &loopback) == 0;
}

bool can_leave_network() {
  return static_cast<bool>(in_child([] {
    if (!leave_network()) ::_exit(2);
  }));
}

bool forbid_ipv6() {
  constexpr auto number_at = static_cast<unsigned>(offsetof(seccomp_data, nr));
  constexpr auto family_at = static_cast<unsigned>(offsetof(seccomp_data, args));  // its lower half
  std::array program = {
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number_at),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, family_at),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter = {.len = program.size(), .filter = program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

descriptor_limit::descriptor_limit(int spare) {
  rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  former_ = limit.rlim_cur;
  // A new descriptor gets the lowest number that is free, and the limit is on numbers.
  const engine::descriptor lowest{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  limit.rlim_cur = static_cast<rlim_t>(lowest.get() + spare);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

descriptor_limit::~descriptor_limit() {
  rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = former_;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace naru::test
