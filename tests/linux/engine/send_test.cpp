#include <array>
#include <csignal>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "linux/engine/engine_test.hpp"
#include "support/payload.hpp"

namespace naru::test {
namespace {

using engine::send_result;

class send_test : public engine_test {
 protected:
  /// Fills the socket; what was taken.
  static std::size_t send_until_pending(engine::stream& stream, std::string_view bytes) {
    std::size_t offset = 0;
    EXPECT_FALSE(send_from(stream, bytes, offset)) << "the test has too few bytes to fill a socket";
    return offset;
  }

  /// More than a socket swallows. Its period is prime, so that a lost run of bytes shows.
  static std::string make_flood() {
    const std::string period = pattern(65'537);
    std::string flood;
    while (flood.size() < std::size_t{12} << 20) flood += period;
    return flood;
  }

  const std::string flood_ = make_flood();
};

TEST_F(send_test, what_fits_is_taken_at_once) {  // R4.1
  auto [us, them] = adopt();
  const std::array whole = {as_bytes("hello")};
  const send_result sent = us.stream->send(whole);
  EXPECT_EQ(sent.state, send_result::status::taken);
  EXPECT_EQ(sent.bytes, 5U);
  EXPECT_EQ(us.stream->try_finish_send(), std::nullopt) << "nothing is pending";
  EXPECT_EQ(them.receive(5), "hello");
  EXPECT_EQ(us.sents, 0U);
}

TEST_F(send_test, sixteen_buffers_are_one_submission) {
  auto [us, them] = adopt();
  const std::string text = pattern(engine::stream::send_buffers_max * 100);
  std::array<bytes_view, engine::stream::send_buffers_max> parts = {};
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = as_bytes(text).subspan(i * 100, 100);
  const send_result sent = us.stream->send(parts);
  EXPECT_EQ(sent.state, send_result::status::taken);
  EXPECT_EQ(sent.bytes, text.size());
  EXPECT_EQ(them.receive(text.size()), text);
}

/// How much the kernel may hold unsent decides where a write falls short, and when there is room again.
class lowat_test : public send_test, public testing::WithParamInterface<std::size_t> {};

TEST_P(lowat_test, a_peer_that_reads_late_gets_every_byte_in_order) {  // R4.2, R4.3
  auto [us, them] = adopt({.kernel_unsent_bytes_max = GetParam()});
  engine_->poll(glance);
  std::size_t offset = send_until_pending(*us.stream, flood_);
  EXPECT_TRUE(is_idle()) << "no room yet, and nothing to do";
  EXPECT_EQ(us.sents, 0U);

  us.when_sent = [&] { send_from(*us.stream, flood_, offset); };
  std::string got;
  while (got.size() < flood_.size()) {
    const std::size_t held = offset - got.size();
    ASSERT_TRUE(held > 0 || poll_until([&] { return offset > got.size(); })) << "no edge after a short write";
    got += them.receive(offset - got.size());
    engine_->poll({});
  }
  EXPECT_EQ(got, flood_);
}

INSTANTIATE_TEST_SUITE_P(unsent, lowat_test, testing::Values(0, 1, 4096, std::size_t{128} << 10),
                         [](const auto& each) { return "bytes_" + std::to_string(each.param); });

TEST_F(send_test, the_unsent_limit_keeps_the_kernels_share_small) {
  auto [limited, limited_peer] = adopt({.kernel_unsent_bytes_max = std::size_t{128} << 10});
  auto [unlimited, unlimited_peer] = adopt();
  EXPECT_LT(send_until_pending(*limited.stream, flood_) * 4, send_until_pending(*unlimited.stream, flood_));
}

TEST_F(send_test, asking_takes_a_pending_send_back) {
  auto [us, them] = adopt();
  engine_->poll(glance);
  std::size_t offset = send_until_pending(*us.stream, flood_);
  const auto over = us.stream->try_finish_send();
  EXPECT_EQ(over.value().bytes, 0U);
  EXPECT_FALSE(over.value().error);
  EXPECT_EQ(us.stream->try_finish_send(), std::nullopt) << "it was answered";
  EXPECT_EQ(them.receive(offset).size(), offset);
  EXPECT_TRUE(is_idle() || is_idle()) << "the edge has nobody to tell";
  EXPECT_EQ(us.sents, 0U) << "what was answered by asking is not told again";
  EXPECT_EQ(send_from(*us.stream, "x", offset = 0), true);
}

TEST_F(send_test, room_is_told_also_when_it_was_asked_for_in_vain) {
  auto [us, them] = adopt();
  std::size_t offset = send_until_pending(*us.stream, flood_);
  ASSERT_TRUE(us.stream->try_finish_send());
  ASSERT_FALSE(send_from(*us.stream, flood_, offset)) << "nobody has read";
  EXPECT_EQ(them.receive(offset).size(), offset);
  EXPECT_TRUE(poll_until([&] { return us.sents == 1; }));
}

TEST_F(send_test, a_reset_during_a_pending_send_ends_both_directions) {
  auto [us, them] = adopt();
  send_until_pending(*us.stream, flood_);
  std::error_code failure;
  us.when_sent = [&] {
    const std::array rest = {as_bytes("more")};
    const send_result sent = us.stream->send(rest);
    EXPECT_EQ(sent.state, send_result::status::failed);
    failure = sent.error;
  };
  them.reset();
  ASSERT_TRUE(poll_until([&] { return us.sents == 1; }));
  EXPECT_EQ(failure, std::errc::connection_reset);
  EXPECT_TRUE(is_idle());
  us.close();
  EXPECT_TRUE(poll_until([&] { return us.closed; }));
}

TEST_F(send_test, a_reset_is_told_to_the_receiver_before_the_sender) {
  auto [us, them] = adopt_receiving();
  send_until_pending(*us.stream, flood_);
  them.send("last words");
  us.when_receive_ended = [&us] { EXPECT_EQ(us.sents, 0U); };
  them.reset();
  ASSERT_TRUE(poll_until([&] { return us.receive_ended && us.sents == 1; }));
  EXPECT_EQ(us.receive_ended, std::errc::connection_reset);
  EXPECT_EQ(us.received, "last words");
}

TEST_F(send_test, sending_to_a_reset_connection_fails_without_a_signal) {  // SIGPIPE would end the program
  ASSERT_EQ(std::signal(SIGPIPE, SIG_DFL), SIG_DFL);
  auto [us, them] = adopt_receiving();
  them.reset();
  ASSERT_TRUE(poll_until([&] { return us.receive_ended.has_value(); }));
  const std::array bytes = {as_bytes("anybody?")};
  const send_result sent = us.stream->send(bytes);
  EXPECT_EQ(sent.state, send_result::status::failed);
  EXPECT_EQ(sent.error, std::errc::broken_pipe);
}

TEST_F(send_test, the_end_of_the_stream_comes_behind_what_was_sent) {
  auto [us, them] = adopt_receiving();
  std::size_t offset = 0;
  ASSERT_TRUE(send_from(*us.stream, "goodbye", offset));
  us.stream->shutdown_send();
  EXPECT_EQ(them.receive(100), "goodbye");
  EXPECT_EQ(them.receive_end(), 0);
  them.send("and you");
  EXPECT_TRUE(poll_until([&] { return us.received == "and you"; })) << "the other direction lives";
}

}  // namespace
}  // namespace naru::test
