#include "core/admission.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

namespace naru::core {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<admission> gate_with(const admission_options& limits) {
  return std::make_shared<admission>(limits, protocol::hash_key{1, 2});
}

endpoint address(const char* text) {
  return endpoint::parse(text).value();
}

TEST(Admission, CountsAsManyAsThereMayBe) {
  const auto gate = gate_with({.max_connections = 2});
  EXPECT_TRUE(gate->try_count());
  EXPECT_TRUE(gate->try_count());
  EXPECT_FALSE(gate->try_count());
  gate->uncount();
  EXPECT_TRUE(gate->try_count());
  EXPECT_FALSE(gate->try_count());
}

TEST(Admission, CountsEachAddressForItself) {
  const auto gate = gate_with({.connections_per_address_max = 2});
  const endpoint one = address("192.0.2.1:1000");
  EXPECT_TRUE(gate->try_enter(one));
  EXPECT_TRUE(gate->try_enter(one.with_port(1001)));
  EXPECT_FALSE(gate->try_enter(one.with_port(1002)));
  EXPECT_TRUE(gate->try_enter(address("192.0.2.2:1000")));
  gate->leave(one);
  EXPECT_TRUE(gate->try_enter(one.with_port(1002)));
  EXPECT_FALSE(gate->try_enter(one));
}

TEST(Admission, CountsAnIpv6NetworkAsOneAddress) {
  const auto gate = gate_with({.connections_per_address_max = 1});
  const endpoint one = address("[2001:db8::1]:1000");
  EXPECT_TRUE(gate->try_enter(one));
  EXPECT_FALSE(gate->try_enter(address("[2001:db8::ffff:0:0:1]:9")));
  EXPECT_TRUE(gate->try_enter(address("[2001:db8:0:1::1]:1000")));
  gate->leave(one);
  EXPECT_TRUE(gate->try_enter(address("[2001:db8::2]:9")));
}

TEST(Admission, WithoutALimitAnyNumberEnters) {
  const auto gate = gate_with({});
  const endpoint one = address("192.0.2.1:1000");
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(gate->try_enter(one) && gate->try_accept({}));
  for (int i = 0; i < 1'000; ++i) gate->leave(one);
}

TEST(Admission, LetsSoManyInWithinASecond) {
  const auto gate = gate_with({.accepts_per_second = 2});
  const base::clock::time_point now{1h};
  EXPECT_TRUE(gate->try_accept(now));
  EXPECT_TRUE(gate->try_accept(now));
  EXPECT_FALSE(gate->try_accept(now));
  EXPECT_FALSE(gate->try_accept(now + 499ms));
  EXPECT_TRUE(gate->try_accept(now + 501ms));
  EXPECT_FALSE(gate->try_accept(now + 400ms)) << "another worker has looked at the clock before";
  EXPECT_FALSE(gate->try_accept(now + 501ms)) << "and that costs nobody anything";
  EXPECT_TRUE(gate->try_accept(now + 1001ms));
}

TEST(Admission, APlaceIsGivenUpOnce) {
  const auto gate = gate_with({.max_connections = 1, .connections_per_address_max = 1});
  const endpoint peer = address("192.0.2.1:1000");
  ASSERT_TRUE(gate->try_count() && gate->try_enter(peer));
  admitted_place first{gate, peer};
  EXPECT_TRUE(first.is_of(*gate));
  {
    admitted_place second{std::move(first)};
    EXPECT_FALSE(gate->try_count());
    second.give_up();
    EXPECT_TRUE(gate->try_count());
    second.give_up();
    EXPECT_FALSE(gate->try_count()) << "once";
    EXPECT_TRUE(second.is_of(*gate));
    EXPECT_FALSE(gate->present().is_empty());
  }
  EXPECT_TRUE(gate->present().is_empty());
  gate->uncount();
  ASSERT_TRUE(gate->try_count() && gate->try_enter(peer));
  {
    admitted_place third;
    third = admitted_place{gate, peer};
    EXPECT_FALSE(third.is_draining());
    gate->begin_drain();
    EXPECT_TRUE(third.is_draining());
  }
  EXPECT_TRUE(gate->present().is_empty());
  EXPECT_TRUE(gate->try_count() && gate->try_enter(peer));
}

}  // namespace
}  // namespace naru::core
