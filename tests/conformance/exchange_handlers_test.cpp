// The design's exchange of handlers: login, then game.

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

/// Writes down what connections are told through the handlers that they took later. These connections leave
/// the sight of the recorder, which would miss their on_closed; so the tests here record for themselves.
class exchanging : public network_test {
 protected:
  handlers handlers_named(const std::string& name) {
    handlers made;
    made.on_connected = [this, name](connection&) { add(name + " connected"); };
    made.on_received = [this, name](connection&, bytes_view message) {
      add(name + " " + std::string{as_text(message)});
    };
    made.on_closed = [this, name](connection&, close_reason) {
      add(name + " closed");
      ended_.set();
    };
    return made;
  }

  /// A client that says "login", "a", "b" to such a server, closes, and waits until the server has heard all.
  std::vector<std::string> run(handlers at_server) {
    const endpoint where = listen(server(), std::move(at_server));
    const auto mine = connect(where).lock();
    for (const char* message : {"login", "a", "b"}) EXPECT_TRUE(mine->send(message));
    mine->close();
    EXPECT_TRUE(ended_.wait());
    const std::lock_guard lock{mutex_};
    return told_;
  }

  void add(std::string what) {
    const std::lock_guard lock{mutex_};
    told_.push_back(std::move(what));
  }

  event ended_;

 private:
  std::mutex mutex_;
  std::vector<std::string> told_;
};

INSTANTIATE_TEST_SUITE_P(engines, exchanging, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(exchanging, a_handler_exchanges_them_from_the_next_event_on) {
  handlers login = handlers_named("login");
  login.on_received = [this](connection& peer, bytes_view message) {
    add("login " + std::string{as_text(message)});
    EXPECT_TRUE(peer.exchange_handlers(handlers_named("game")));
  };
  EXPECT_THAT(run(std::move(login)),
              testing::ElementsAre("login connected", "login login", "game a", "game b", "game closed"));
}

TEST_P(exchanging, they_can_be_exchanged_before_the_first_message) {
  handlers login;
  login.on_connected = [this](connection& peer) {
    EXPECT_TRUE(peer.exchange_handlers(handlers_named("game")));
  };
  EXPECT_THAT(run(std::move(login)), testing::ElementsAre("game login", "game a", "game b", "game closed"));
}

TEST_P(exchanging, they_can_be_exchanged_again_and_again_also_for_shared_ones) {
  handlers first = handlers_named("first");
  const auto third = std::make_shared<const handlers>(handlers_named("third"));
  first.on_received = [this, third](connection& peer, bytes_view) {
    handlers second = handlers_named("second");
    second.on_received = [this, third](connection& same, bytes_view message) {
      add("second " + std::string{as_text(message)});
      EXPECT_TRUE(same.exchange_handlers(handlers_named("unused")));
      EXPECT_TRUE(same.exchange_handlers(third)) << "the last one counts";
    };
    EXPECT_TRUE(peer.exchange_handlers(std::move(second)));
  };
  EXPECT_THAT(run(std::move(first)),
              testing::ElementsAre("first connected", "second a", "third b", "third closed"));
}

TEST_P(exchanging, a_handler_that_exchanges_itself_away_may_finish) {
  const auto token = std::make_shared<std::string>("still alive");
  const std::weak_ptr<std::string> alive = token;
  handlers own;
  own.on_connected = [this, &alive](connection& peer) {
    handlers next;
    next.on_received = [this, held = alive.lock(), &alive](connection& same, bytes_view) {
      EXPECT_TRUE(same.exchange_handlers(handlers_named("last")));
      EXPECT_FALSE(alive.expired());
      add(*held);
    };
    EXPECT_TRUE(peer.exchange_handlers(std::move(next)));
  };
  EXPECT_THAT(run(std::move(own)), testing::ElementsAre("still alive", "last a", "last b", "last closed"));
  EXPECT_TRUE(eventually([&] { return alive.use_count() == 1; })) << "what was exchanged is released";
}

TEST_P(exchanging, handlers_of_its_own_are_released_after_on_closed) {
  const auto token = std::make_shared<int>(1);
  handlers own;
  own.on_connected = [this, token](connection& peer) {
    handlers next = handlers_named("next");
    next.on_received = [held = token](connection&, bytes_view) {};
    EXPECT_TRUE(peer.exchange_handlers(std::move(next)));
  };
  run(std::move(own));
  EXPECT_TRUE(eventually([&] { return token.use_count() == 2; })) << "this test's, and the listener's";
}

TEST_P(exchanging, only_one_connection_is_meant) {
  const endpoint where = listen(server(), [this] {
    handlers own = handlers_named("old");
    own.on_received = [this](connection& peer, bytes_view message) {
      add("old " + std::string{as_text(message)});
      if (as_text(message) != "exchange") return;
      EXPECT_TRUE(peer.exchange_handlers(handlers_named("new")));
    };
    return own;
  }());
  const auto first = connect(where).lock();
  const auto second = connect(where).lock();
  ASSERT_TRUE(first->send("exchange"));
  ASSERT_TRUE(second->send("keep"));
  second->close();
  ASSERT_TRUE(ended_.wait());
}

TEST_P(exchanging, a_posted_task_may_exchange_them) {
  const link pair = open_link();
  event exchanged;
  ASSERT_TRUE(pair.client->post([&](connection& self) {
    EXPECT_TRUE(self.exchange_handlers(at_client_.make_handlers()));
    exchanged.set();
  }));
  EXPECT_TRUE(exchanged.wait());
  ASSERT_TRUE(pair.server->send("to the new ones"));
  EXPECT_TRUE(at_client_.received(1));
}

TEST_P(exchanging, elsewhere_it_is_an_error) {
  const link pair = open_link();
  EXPECT_EQ(error_of(pair.client->exchange_handlers(handlers{})), errc::not_in_handler);
  EXPECT_EQ(error_of(pair.client->exchange_handlers(std::make_shared<const handlers>())),
            errc::not_in_handler);

  event asked;
  std::error_code in_anothers_handler;
  ASSERT_TRUE(pair.client->post([&](connection&) {
    in_anothers_handler = error_of(pair.server->exchange_handlers(handlers{}));
    asked.set();
  }));
  ASSERT_TRUE(asked.wait());
  EXPECT_EQ(in_anothers_handler, errc::not_in_handler);
}

}  // namespace
}  // namespace naru::test
