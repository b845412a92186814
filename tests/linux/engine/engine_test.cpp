#include "linux/engine/engine_test.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/select.hpp"

namespace naru::test {

engine_test::engine_test()
    : platform_{engine::select_platform(engine_kind::epoll).value()},
      engine_{platform_->make_engine().value()} {}

engine_test::~engine_test() {
  const auto stream_is_open = [](const stream_log& log) { return log.stream != nullptr; };
  const auto acceptor_is_open = [](const acceptor_log& log) { return log.acceptor != nullptr; };
  for (stream_log& log : streams_) {
    log.when_connected = log.when_receive_ended = log.when_sent = log.when_closed = nullptr;
    log.when_received = nullptr;
    if (log.stream != nullptr && !log.closing) log.close(engine::close_mode::reset);
  }
  for (acceptor_log& log : acceptors_) {
    log.when_accepted = nullptr;
    if (log.acceptor != nullptr && !log.closing) log.close();
  }
  EXPECT_TRUE(poll_until([&] {
    return std::none_of(streams_.begin(), streams_.end(), stream_is_open) &&
           std::none_of(acceptors_.begin(), acceptors_.end(), acceptor_is_open);
  }));
}

link engine_test::adopt(const engine::stream_options& options) {
  peer them = peer::connected_to(listener_.local());
  stream_log& us = streams_.emplace_back();
  us.stream = engine_->adopt(listener_.accept_raw(), them.local(), options, us).value();
  return {us, std::move(them)};
}

link engine_test::adopt_receiving() {
  link made = adopt();
  made.us.stream->resume_receiving();
  return made;
}

stream_log& engine_test::connect(const endpoint& remote) {
  stream_log& us = streams_.emplace_back();
  us.stream = engine_->connect(remote, {}, us).value();
  return us;
}

acceptor_log& engine_test::listen(unsigned accept_queue_max) {
  auto bound = platform_->bind_stream(endpoint::loopback_ipv4(0), {}).value();
  EXPECT_FALSE(platform_->listen(bound.socket, accept_queue_max));
  acceptor_log& log = acceptors_.emplace_back();
  log.local = bound.local;
  log.acceptor = engine_->accept_from(std::move(bound.socket), log).value();
  return log;
}

testing::AssertionResult engine_test::is_idle() {
  const auto begin = std::chrono::steady_clock::now();
  engine_->poll(glance);
  const auto waited = std::chrono::steady_clock::now() - begin;
  if (waited >= glance) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "a poll found something to do after "
                                     << waited / std::chrono::microseconds{1} << " us";
}

bool send_from(engine::stream& stream, std::string_view bytes, std::size_t& offset) {
  while (offset < bytes.size()) {
    const std::array part = {as_bytes(bytes.substr(offset, engine::stream::send_bytes_max))};
    const engine::send_result sent = stream.send(part);
    offset += sent.bytes;
    if (sent.state != engine::send_result::status::taken) return false;
  }
  return true;
}

}  // namespace naru::test
