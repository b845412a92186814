// What the epoll engine receives datagrams with: many with one call, those that the system keeps together,
// and those that do not fit.

#include "engine/linux/datagram_reader.hpp"

#include <string>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include "engine/linux/datagram_writer.hpp"
#include "engine/linux/socket_options.hpp"
#include "linux/udp_peer.hpp"

namespace naru::test {
namespace {

std::string text_of(bytes_view bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(datagram_reader, takes_many_with_one_call_and_says_whose_they_are) {
  const auto reader = engine::datagram_reader::make();
  udp_peer here;
  udp_peer one;
  udp_peer other;
  one.send_to(here.local(), "from one");
  other.send_to(here.local(), "");
  ASSERT_EQ(reader->read(here.get()).value(), 2U);
  const auto first = reader->at(0, here.local(), {});
  EXPECT_EQ(text_of(first.whole.bytes), "from one");
  EXPECT_EQ(first.whole.remote, one.local());
  EXPECT_EQ(first.whole.local, here.local());
  EXPECT_FALSE(first.truncated);
  EXPECT_EQ(reader->at(1, here.local(), {}).whole.remote, other.local());
  EXPECT_EQ(reader->read(here.get()).value(), 0U) << "it does not wait";
}

TEST(datagram_reader, says_that_one_was_cut_short) {
  const auto reader = engine::datagram_reader::make(100);
  udp_peer here;
  udp_peer peer;
  peer.send_to(here.local(), std::string(100, 'a'));
  peer.send_to(here.local(), std::string(101, 'b'));
  ASSERT_EQ(reader->read(here.get()).value(), 2U);
  EXPECT_FALSE(reader->at(0, {}, {}).truncated);
  EXPECT_TRUE(reader->at(1, {}, {}).truncated);
}

TEST(datagram_reader, says_where_those_that_were_kept_together_end) {
  const auto reader = engine::datagram_reader::make();
  const auto writer = engine::datagram_writer::make();
  udp_peer here;
  ASSERT_FALSE(engine::set_option(here.get(), SOL_UDP, UDP_GRO, 1));
  udp_peer peer;
  const endpoint target = here.local();
  const std::string large(100, 'x');
  const std::string small(40, 'y');
  std::vector<engine::departure> batch(3, {.remote = &target, .bytes = as_bytes(large)});
  batch.push_back({.remote = &target, .bytes = as_bytes(small)});
  engine::datagram_route route = {.socket = peer.get(), .family = AF_INET, .joined_bytes_max = 1000};
  std::error_code earlier;
  const auto sent = writer->send(route, batch, earlier);
  EXPECT_EQ(sent.state, engine::datagrams_sent::status::taken);
  EXPECT_EQ(sent.count, 4U);
  ASSERT_EQ(reader->read(here.get()).value(), 1U) << "they travel as one";
  const auto message = reader->at(0, {}, {});
  EXPECT_EQ(message.datagram_bytes, 100U);
  EXPECT_EQ(message.whole.bytes.size(), 340U);
}

TEST(datagram_writer, what_cannot_be_joined_goes_one_by_one) {
  // Without checksums the system joins none (udp(7), UDP_SEGMENT).
  const auto writer = engine::datagram_writer::make();
  udp_peer here;
  const endpoint target = here.local();
  const std::vector<engine::departure> batch(5, {.remote = &target, .bytes = as_bytes("together")});
  for (const bool connected : {false, true}) {
    udp_peer peer;
    ASSERT_FALSE(engine::set_option(peer.get(), SOL_SOCKET, SO_NO_CHECK, 1));
    if (connected) peer.connect(target);
    engine::datagram_route route = {
        .socket = peer.get(), .family = AF_INET, .connected = connected, .joined_bytes_max = 1000};
    std::error_code earlier;
    EXPECT_EQ(writer->send(route, batch, earlier).count, 5U);
    EXPECT_FALSE(earlier);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(here.receive(), "together");
    // A shared socket concludes nothing from one peer for the others.
    EXPECT_EQ(route.joined_bytes_max, connected ? 7U : 1000U);
  }
}

TEST(datagram_writer, an_icmp_error_of_before_is_told_and_costs_no_joining) {
  const auto writer = engine::datagram_writer::make();
  endpoint dead;
  {
    udp_peer gone;
    dead = gone.local();
  }
  udp_peer peer;
  peer.connect(dead);
  engine::datagram_route route = {
      .socket = peer.get(), .family = AF_INET, .connected = true, .joined_bytes_max = 1000};
  const std::vector<engine::departure> batch(5, {.bytes = as_bytes("anybody there?")});
  std::error_code earlier;
  EXPECT_EQ(writer->send(route, batch, earlier).count, 5U);
  EXPECT_FALSE(earlier);
  EXPECT_EQ(writer->send(route, batch, earlier).count, 5U);
  EXPECT_EQ(earlier, std::errc::connection_refused);
  EXPECT_EQ(route.joined_bytes_max, 1000U);
}

}  // namespace
}  // namespace naru::test
