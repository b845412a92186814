#include "core/resolver.hpp"

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.hpp"

namespace naru::core {
namespace {

/// A platform of which only `resolve` is used. It answers when the test lets it.
class name_server final : public engine::platform {
 public:
  result<std::unique_ptr<engine::engine>> make_engine() override {
    return std::unexpected{std::make_error_code(std::errc::not_supported)};
  }
  result<engine::bound_socket> bind_stream(const endpoint&, const bind_options&) override {
    return std::unexpected{std::make_error_code(std::errc::not_supported)};
  }
  result<engine::bound_datagrams> bind_datagrams(const endpoint&, const bind_options&, unsigned) override {
    return std::unexpected{std::make_error_code(std::errc::not_supported)};
  }
  std::error_code listen(const engine::raw_socket&, unsigned) override { return {}; }
  result<std::vector<endpoint>> resolve(const std::string& host, std::uint16_t port) override {
    std::unique_lock hold{mutex_};
    ++asked_;
    changed_.notify_all();
    changed_.wait(hold, [&] { return open_; });
    if (host == "nowhere") return std::unexpected{make_error_code(errc::name_not_found)};
    return std::vector{endpoint::loopback_ipv4(port)};
  }
  std::error_code fill_random(std::span<std::byte>) noexcept override { return {}; }
  const base::clock& time() const noexcept override { return clock_; }

  void open() {
    const std::scoped_lock hold{mutex_};
    open_ = true;
    changed_.notify_all();
  }
  void wait_until_asked(unsigned times) {
    std::unique_lock hold{mutex_};
    changed_.wait(hold, [&] { return asked_ >= times; });
  }

 private:
  base::steady_clock clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned asked_ = 0;
  bool open_ = false;
};

using addresses = result<std::vector<endpoint>>;

std::future<addresses> ask(resolver& names, const std::string& host) {
  auto promise = std::make_shared<std::promise<addresses>>();
  auto answer = promise->get_future();
  EXPECT_FALSE(
      names.look_up({.host = host, .port = 80}, [promise](addresses found) { promise->set_value(found); }));
  return answer;
}

TEST(Resolver, AnswersWithAddressesOrTheError) {
  const auto server = std::make_shared<name_server>();
  server->open();
  resolver names{server};
  EXPECT_EQ(ask(names, "somewhere").get().value(), std::vector{endpoint::loopback_ipv4(80)});
  EXPECT_EQ(ask(names, "nowhere").get().error(), errc::name_not_found);
}

TEST(Resolver, ASlowNameDoesNotHoldUpOthers) {
  const auto server = std::make_shared<name_server>();
  resolver names{server};
  std::vector<std::future<addresses>> answers;
  for (unsigned i = 0; i < resolver::threads_max; ++i) answers.push_back(ask(names, "somewhere"));
  server->wait_until_asked(resolver::threads_max);  // all at the same time, though none has been answered
  server->open();
  for (auto& each : answers) EXPECT_TRUE(each.get().has_value());
}

TEST(Resolver, AnswersMoreQuestionsThanItHasThreads) {
  const auto server = std::make_shared<name_server>();
  resolver names{server};
  std::vector<std::future<addresses>> answers;
  for (unsigned i = 0; i < 5 * resolver::threads_max; ++i) answers.push_back(ask(names, "somewhere"));
  server->open();
  for (auto& each : answers) EXPECT_TRUE(each.get().has_value());
}

TEST(Resolver, GoesWithoutWaitingForALookUp) {
  const auto server = std::make_shared<name_server>();
  auto names = std::make_unique<resolver>(server);
  auto answer = ask(*names, "somewhere");
  server->wait_until_asked(1);
  names.reset();
  server->open();  // the thread is let go, and finds that nobody waits for it
  // The promise dies unanswered.
  EXPECT_THROW(static_cast<void>(answer.get()), std::future_error);
}

}  // namespace
}  // namespace naru::core
