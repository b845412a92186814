// R1.3: the session of a layer above, carried by the connection and released after on_closed.

#include <memory>
#include <string>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

struct session {
  explicit session(std::string user) : name{std::move(user)} {}
  std::string name;
};

class attaching : public network_test {};

INSTANTIATE_TEST_SUITE_P(engines, attaching, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(attaching, an_object_is_given_back_only_as_its_type) {
  const link pair = open_link();
  EXPECT_EQ(pair.client->attached<session>(), nullptr) << "nothing yet";
  pair.client->attach(std::make_shared<session>("kim"));
  ASSERT_NE(pair.client->attached<session>(), nullptr);
  EXPECT_EQ(pair.client->attached<session>()->name, "kim");
  EXPECT_EQ(pair.client->attached<std::string>(), nullptr);
  EXPECT_EQ(pair.client->attached<const session>(), pair.client->attached<session>())
      << "typeid ignores const";
}

TEST_P(attaching, another_object_releases_the_former_one) {
  const link pair = open_link();
  const auto first = std::make_shared<session>("first");
  pair.client->attach(first);
  EXPECT_EQ(first.use_count(), 2);
  pair.client->attach(std::make_shared<std::string>("second"));
  EXPECT_EQ(first.use_count(), 1);
  EXPECT_EQ(pair.client->attached<session>(), nullptr);
  pair.client->attach({});
  EXPECT_EQ(pair.client->attached<std::string>(), nullptr);
}

TEST_P(attaching, handlers_find_it_until_on_closed_and_it_is_released_after) {
  event ended;
  const auto object = std::make_shared<session>("kim");
  const link pair = open_link({.at_server = {.closed = [&](connection& peer, close_reason) {
                                 const auto found = peer.attached<session>();
                                 EXPECT_TRUE(found != nullptr && found->name == "kim");
                                 ended.set();
                               }}});
  pair.server->attach(object);
  pair.client->close();
  ASSERT_TRUE(ended.wait());
  EXPECT_TRUE(eventually([&] { return object.use_count() == 1; }))
      << "although the connection is still held here";
  EXPECT_EQ(pair.server->attached<session>(), nullptr);
}

TEST_P(attaching, what_is_attached_after_the_end_is_released_at_once) {
  const link pair = open_link();
  pair.client->close();
  ASSERT_TRUE(at_client_.closed());
  const auto object = std::make_shared<session>("late");
  EXPECT_TRUE(eventually([&] {
    pair.client->attach(object);
    return object.use_count() == 1;
  }));
  EXPECT_EQ(pair.client->attached<session>(), nullptr);
}

TEST_P(attaching, an_object_that_holds_its_own_connection_is_no_leak) {
  struct owner {
    std::shared_ptr<connection> own;
  };
  const std::weak_ptr<connection> watched = [this] {
    const link pair = open_link();
    pair.server->attach(std::make_shared<owner>(owner{pair.server}));
    pair.client->close();
    return std::weak_ptr<connection>{pair.server};
  }();
  EXPECT_TRUE(eventually([&] { return watched.expired(); }));
}

TEST_P(attaching, an_object_given_to_a_connect_that_fails_is_released) {
  const auto object = std::make_shared<session>("never in");
  connect(deserted_endpoint(), {.attach = object});
  ASSERT_TRUE(at_client_.closed());
  EXPECT_TRUE(eventually([&] { return object.use_count() == 1; }));
}

}  // namespace
}  // namespace naru::test
