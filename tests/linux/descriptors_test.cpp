// R3.5: descriptors are used again at once, and may live on in other processes. Neither reaches another
// connection.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/engine/peer.hpp"
#include "linux/linux_network_test.hpp"

namespace naru::test {
namespace {

/// A process that holds duplicates of all descriptors that this one has now, and does nothing else.
class duplicates {
 public:
  duplicates() : process_{::fork()} {
    if (process_ == 0) {
      for (;;) ::pause();
    }
  }
  duplicates(const duplicates&) = delete;
  duplicates& operator=(const duplicates&) = delete;
  ~duplicates() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }

 private:
  pid_t process_;
};

class descriptors : public linux_network_test {};

INSTANTIATE_TEST_SUITE_P(engines, descriptors, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(descriptors, R3_5_a_number_that_is_used_again_leads_to_its_own_connection) {
  // Each connection says who it is, hears that, and ends in one of three ways; its number is the next one's
  // at once.
  network& wide = start_network(2);
  const endpoint where =
      listen(wide, at_server_.make_handlers({.received = [](connection& self, bytes_view message) {
        EXPECT_TRUE(self.send(message));
        if (message.back() == std::byte{'2'}) self.close();
      }}));
  constexpr std::size_t threads = 3;
  constexpr std::size_t rounds = 500;
  std::vector<std::jthread> users;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    users.emplace_back([&where, thread] {
      for (std::size_t round = 0; round < rounds; ++round) {
        peer other = peer::connected_to(where);
        const std::string who =
            framed(std::to_string(thread) + ":" + std::to_string(round) + ":" + std::to_string(round % 3));
        other.send(who);
        ASSERT_EQ(other.receive(who.size()), who);
        if (round % 3 == 0) other.reset();
        if (round % 3 == 2) {
          ASSERT_EQ(other.receive_end(), 0);
        }
      }
    });
  }
  users.clear();
  ASSERT_TRUE(at_server_.closed(threads * rounds));
  for (const record& entry : at_server_.all()) EXPECT_EQ(entry.messages.size(), 1U);
}

TEST_P(descriptors, R3_5_close_reaches_the_peer_although_another_process_holds_the_socket) {
  peer other = peer::connected_to(listen_and_echo());
  ASSERT_TRUE(at_server_.connected());
  const duplicates alive;
  at_server_.shell()->close();
  EXPECT_EQ(other.receive_end(), 0);
  other.shutdown_send();
  EXPECT_TRUE(at_server_.closed());
}

TEST_P(descriptors, R3_5_a_duplicate_of_a_closed_socket_neither_spins_nor_disturbs) {
  // epoll keeps reporting a socket as long as any duplicate is open, if it was not removed (epoll(7), Q6).
  const endpoint where = listen_and_echo();
  std::vector<peer> old;
  for (int i = 0; i < 20; ++i) old.push_back(peer::connected_to(where));
  ASSERT_TRUE(at_server_.connected(old.size()));
  const duplicates alive;
  for (const auto& mine : at_server_.shells()) mine->abort();
  ASSERT_TRUE(at_server_.closed(old.size()));

  std::vector<peer> fresh;
  for (int i = 0; i < 20; ++i) fresh.push_back(peer::connected_to(where));
  ASSERT_TRUE(at_server_.connected(old.size() + fresh.size()));
  for (peer& gone : old) (void)gone.send_what_fits("to a socket that nobody reads");
  EXPECT_LE(idle_percent(), 1.0);
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    fresh[i].send(framed("fresh " + std::to_string(i)));
    EXPECT_EQ(fresh[i].receive(framed("fresh " + std::to_string(i)).size()),
              framed("fresh " + std::to_string(i)));
  }
}

}  // namespace
}  // namespace naru::test
