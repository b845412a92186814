#include <array>
#include <random>

#include <gmock/gmock.h>

#include "protocol/wrap.hpp"
#include "streams.hpp"

// R5.2: what one side wraps, the other side delivers.
namespace naru::protocol::test {
namespace {

class every_round_trip : public testing::TestWithParam<way> {};

/// Random bytes, with those that the framings treat specially among them more often than chance would have.
std::string random_message(std::mt19937& random, std::size_t most) {
  constexpr std::string_view special{"\r\n;,:0\0\xff\x80", 9};
  std::string message(random() % (most + 1), '\0');
  for (char& byte : message) {
    byte = random() % 4 == 0 ? special[random() % special.size()] : static_cast<char>(random());
  }
  return message;
}

TEST_P(every_round_trip, R5_2_delivers_what_was_wrapped_or_refuses_to_wrap_it) {
  const frame_rules rules = GetParam().rules(300);
  std::mt19937 random{815};
  messages sent;
  std::string stream;
  int refused = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string message = random_message(random, i % 10 == 0 ? 310 : 20);
    const std::size_t middle = random() % (message.size() + 1);
    const std::array pieces{as_bytes(message).first(middle), as_bytes(message).subspan(middle)};
    const auto around = wrap(rules, pieces, message.size());
    if (!around) {
      EXPECT_EQ(around.error() == errc::message_too_large, message.size() > rules.max_body_bytes);
      ++refused;
      continue;
    }
    stream += as_text(bytes_view{around->head}.first(around->head_bytes));
    stream += message;
    stream += as_text(bytes_view{around->tail}.first(around->tail_bytes));
    sent.push_back(message);
  }
  EXPECT_GT(sent.size(), 500U);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(receive(rules, stream), outcome{sent});
  EXPECT_EQ(receive_by(rules, stream, 1), outcome{sent});
  EXPECT_EQ(receive_by(rules, stream, 77), outcome{sent});
}

INSTANTIATE_TEST_SUITE_P(all, every_round_trip, testing::ValuesIn(every_way()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace naru::protocol::test
