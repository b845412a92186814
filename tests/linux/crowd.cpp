#include "linux/crowd.hpp"

#include <array>
#include <exception>
#include <system_error>
#include <vector>

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/engine/peer.hpp"

namespace naru::test {

crowd::crowd() {
  std::array<int, 2> ends = {};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::system_error{errno, std::system_category(), "socketpair"};
  }
  orders_ = engine::descriptor{ends[0]};
  process_ = ::fork();
  if (process_ < 0) throw std::system_error{errno, std::system_category(), "fork"};
  if (process_ == 0) {
    orders_.close();
    obey(ends[1]);
  }
  ::close(ends[1]);
}

crowd::~crowd() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

bool crowd::connect(const endpoint& where, unsigned count) {
  const order sent{where, count};
  char done = 0;
  return ::send(orders_.get(), &sent, sizeof sent, MSG_NOSIGNAL) == sizeof sent &&
         ::recv(orders_.get(), &done, 1, 0) == 1 && done == 'y';
}

void crowd::obey(int orders) {
  std::vector<peer> peers;
  order got;
  while (::recv(orders, &got, sizeof got, 0) == sizeof got) {
    char done = 'y';
    try {
      for (unsigned i = 0; i < got.count; ++i) peers.push_back(peer::connected_to(got.where));
    } catch (const std::exception&) {
      done = 'n';
    }
    if (::send(orders, &done, 1, MSG_NOSIGNAL) != 1) break;
  }
  ::_exit(0);
}

}  // namespace naru::test
