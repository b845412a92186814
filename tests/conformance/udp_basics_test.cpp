// R2.4, R2.6, R3.2, R5.1: one datagram is one message; renters and lessors.

#include <string>
#include <vector>

#include "support/udp_test.hpp"

namespace naru::test {
namespace {

class udp_basics : public udp_test {};

INSTANTIATE_TEST_SUITE_P(engines, udp_basics, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(udp_basics, R2_4_the_first_datagram_makes_a_connection_and_is_its_first_message) {
  const endpoint where = lease();
  const auto client = connect_udp(where);
  ASSERT_TRUE(client->send("hello"));
  ASSERT_TRUE(at_server_.connected());
  ASSERT_TRUE(at_server_.received(1));
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("hello"));
  const auto renter = at_server_.shell();
  ASSERT_NE(renter, nullptr);
  EXPECT_EQ(renter->remote_endpoint(), client->local_endpoint());
  EXPECT_EQ(renter->local_endpoint(), where);
  EXPECT_EQ(client->remote_endpoint(), where);
}

TEST_P(udp_basics, R3_2_a_connection_tells_whether_it_is_a_renter) {
  const link pair = open_pair();
  EXPECT_TRUE(pair.server->is_renter());
  EXPECT_FALSE(pair.client->is_renter());
  EXPECT_EQ(pair.server->over(), udp);
  EXPECT_EQ(pair.client->over(), udp);
}

TEST_P(udp_basics, R5_1_an_echo_comes_back_with_its_boundaries) {
  const endpoint where = lease({}, echo());
  const auto client = connect_udp(where);
  std::vector<std::string> sent = {"x", ""};
  for (const std::size_t size : {1UL, 63UL, 64UL, 1'200UL, 1'473UL, 9'000UL}) sent.push_back(pattern(size));
  for (const std::string& each : sent) ASSERT_TRUE(client->send(each));
  ASSERT_TRUE(at_client_.received(sent.size()));
  EXPECT_TRUE(at_client_.at().messages == sent);
  EXPECT_EQ(at_server_.all().size(), 1U) << "one address is one connection";
}

TEST_P(udp_basics, R5_1_an_empty_datagram_is_an_empty_message) {
  const endpoint where = lease();
  const auto client = connect_udp(where);
  ASSERT_TRUE(client->send(""));
  ASSERT_TRUE(client->send("after"));
  ASSERT_TRUE(at_server_.received(2));
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("", "after"));
}

TEST_P(udp_basics, R5_1_the_largest_datagram_arrives_and_a_larger_one_is_refused) {
  const endpoint where = lease({.strangers = {.amplification_max = 0}}, echo());
  const auto client = connect_udp(where);
  const std::string largest = pattern(65'507);
  EXPECT_EQ(error_of(client->send(largest + "x")), errc::message_too_large);
  ASSERT_TRUE(client->send(largest));
  ASSERT_TRUE(at_client_.received(1));
  EXPECT_TRUE(at_client_.at().messages.front() == largest);
  EXPECT_FALSE(client->is_closed());
}

TEST_P(udp_basics, R6_6_each_address_is_a_connection_of_its_own) {
  const endpoint where = lease({}, echo());
  std::vector<std::shared_ptr<connection>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(connect_udp(where));
    ASSERT_TRUE(clients.back()->send("client " + std::to_string(i)));
  }
  ASSERT_TRUE(at_client_.received(clients.size()));
  EXPECT_EQ(at_server_.all().size(), clients.size());
  for (const record& each : at_client_.all()) EXPECT_EQ(each.messages.size(), 1U);
}

}  // namespace
}  // namespace naru::test
