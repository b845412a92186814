#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/profile.hpp"
#include "core/send_queue.hpp"

namespace naru::core {
namespace {

class SendQueueDropping : public ::testing::Test {
 protected:
  void add(const std::string& text) {
    std::byte* const place = queue_.extend(text.size());
    ASSERT_NE(place, nullptr);
    std::memcpy(place, text.data(), text.size());
  }
  void add_large(const std::string& text) {
    auto message = std::make_unique<owned_message<std::string>>(std::string{text});
    message->wrap_in({});
    queue_.append(std::move(message));
  }
  void add_shared(const std::string& text) {
    const bytes_view bytes = as_bytes(text);
    const message_ref made{message_body::make(std::span{&bytes, 1})};
    ASSERT_TRUE(queue_.append(made, made->framed(raw_).value()));
  }
  /// As the shell does it: in place, where one of the key waits. True: it was.
  bool add_latest(std::uint64_t key, const std::string& text) {
    latest_value* value = nullptr;
    bool is_new = false;
    {
      const base::mutex_lock hold{box_.mutex()};
      value = box_.find(key);
      is_new = value == nullptr;
      if (is_new) {
        value = box_.add(key, text.size());
      } else {
        EXPECT_TRUE(box_.fit(*value, text.size()));
      }
      std::memcpy(value->bytes.get(), text.data(), text.size());
      value->size = text.size();
      value->renewed = true;
    }
    if (is_new) queue_.append(*value, box_);
    return !is_new;
  }
  std::string gathered(std::size_t bytes_max = 1'000'000) {
    std::array<bytes_view, 16> out;
    const std::size_t used = queue_.gather(out, bytes_max);
    std::string all;
    for (std::size_t i = 0; i < used; ++i) all += as_text(out[i]);
    return all;
  }

  base::memory_budget budget_{std::size_t{1} << 30};
  queue_supply supply_{budget_};
  profile raw_{tcp, {.frames = framing::raw()}, std::make_shared<const handlers>()};
  latest_box box_{std::shared_ptr<base::memory_budget>{std::shared_ptr<void>{}, &budget_}};
  send_queue queue_{supply_};
};

TEST_F(SendQueueDropping, DropsTheOldestFirst) {
  add("one");
  add("two");
  add("three");
  EXPECT_EQ(queue_.drop_oldest(), 3U);
  EXPECT_EQ(gathered(), "twothree");
  EXPECT_EQ(queue_.bytes(), 8U);
  EXPECT_EQ(queue_.messages(), 2U);
  EXPECT_EQ(queue_.drop_oldest(), 3U);
  EXPECT_EQ(queue_.drop_oldest(), 5U);
  EXPECT_EQ(queue_.drop_oldest(), 0U);
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(budget_.used(), 0U) << "an empty queue holds no memory";
}

TEST_F(SendQueueDropping, SparesWhatIsBegun) {
  add("begun");
  add("two");
  add("three");
  EXPECT_EQ(queue_.consume(2), 0U);
  EXPECT_EQ(queue_.drop_oldest(), 3U);
  EXPECT_EQ(gathered(), "gunthree");
  EXPECT_EQ(queue_.drop_oldest(), 5U);
  EXPECT_EQ(queue_.drop_oldest(), 0U);
  add("four");
  EXPECT_EQ(gathered(), "gunfour");
  EXPECT_EQ(queue_.consume(7), 2U);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(SendQueueDropping, SparesWhatTheEngineHolds) {
  add("one");
  add("two");
  add("three");
  queue_.lock(5);  // the second one too, though only in part
  EXPECT_EQ(queue_.drop_oldest(), 5U);
  EXPECT_EQ(queue_.drop_oldest(), 0U);
  EXPECT_EQ(queue_.consume(3), 1U);
  queue_.unlock();
  EXPECT_EQ(queue_.drop_oldest(), 3U) << "it was not begun after all";
  EXPECT_TRUE(queue_.empty());
}

TEST_F(SendQueueDropping, DropsByAge) {
  add("one");
  EXPECT_EQ(queue_.drop_oldest(1), 0U) << "nobody keeps the time: all are of age 0";
  EXPECT_EQ(queue_.oldest_ms(), supply_.now_ms());
  EXPECT_EQ(queue_.drop_oldest(0), 3U);
  EXPECT_EQ(queue_.oldest_ms(), std::nullopt);
}

TEST_F(SendQueueDropping, ALaterValueTakesThePlaceOfOneThatWaits) {
  add("before ");
  EXPECT_FALSE(add_latest(7, "old"));
  add(" behind");
  EXPECT_TRUE(add_latest(7, "the new one"));
  EXPECT_EQ(gathered(), "before the new one behind");
  EXPECT_FALSE(add_latest(7, " newest")) << "what was gathered is not touched";
  EXPECT_EQ(queue_.messages(), 4U);
  queue_.unlock();
  EXPECT_EQ(gathered(), "before the new one behind newest") << "there is a newer one: it stays as it is";
}

TEST_F(SendQueueDropping, AValueThatWasNotTakenMayBeReplacedAgain) {
  add_latest(7, "old");
  EXPECT_EQ(gathered(), "old");
  queue_.unlock();
  EXPECT_EQ(queue_.bytes(), 0U) << "it counts when it is given to the system";
  EXPECT_TRUE(add_latest(7, "newer"));
  EXPECT_EQ(gathered(), "newer");
  EXPECT_EQ(queue_.consume(1), 0U);
  queue_.unlock();
  EXPECT_FALSE(add_latest(7, "next")) << "it has begun to leave";
  EXPECT_EQ(queue_.consume(4), 1U);
  EXPECT_EQ(gathered(), "next");
}

TEST_F(SendQueueDropping, OfSeveralOfAKeyTheNewestMayBeReplaced) {
  add_latest(7, "old ");
  EXPECT_EQ(gathered(), "old ");
  EXPECT_FALSE(add_latest(7, "newer ")) << "the system has the other one";
  EXPECT_EQ(gathered(), "old newer ");
  queue_.unlock();
  EXPECT_EQ(queue_.bytes(), 4U) << "the older one stays as it is";
  EXPECT_TRUE(add_latest(7, "newest "));
  EXPECT_EQ(gathered(), "old newest ");
  EXPECT_EQ(queue_.consume(11), 2U);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(SendQueueDropping, SharedBytesAreReferredTo) {
  const std::string text(5000, 's');
  const std::size_t before = budget_.used();
  for (int i = 0; i < 10; ++i) add_shared(text);
  EXPECT_LT(budget_.used() - before, 10'000U) << "the bytes count where they are, once";
  EXPECT_EQ(queue_.bytes(), 50'000U);
  EXPECT_EQ(queue_.consume(12'000), 2U);
  EXPECT_EQ(queue_.drop_oldest(), 5000U);
  EXPECT_EQ(queue_.bytes(), 33'000U);
  EXPECT_EQ(queue_.clear().messages, 7U);
  EXPECT_EQ(budget_.used(), before);
}

TEST_F(SendQueueDropping, WithoutMemoryNothingIsAdded) {
  base::memory_budget tight{6000};
  queue_supply supply{tight};
  send_queue queue{supply};
  ASSERT_NE(queue.extend(100), nullptr);
  EXPECT_EQ(queue.extend(5000), nullptr);
  EXPECT_EQ(queue.messages(), 1U);
  EXPECT_LE(tight.highest(), 6000U);
}

/// One message of the model.
struct waiting {
  std::string text;
  std::size_t begun = 0;
  bool locked = false;
};

/// Against a list of messages, with every operation there is.
class SendQueueModel : public SendQueueDropping {
 protected:
  void add_one(int step) {
    static constexpr std::array<std::size_t, 6> sizes = {1, 4, 68, 1000, 4096, 20'000};
    const std::string text(1 + random_() % sizes[random_() % sizes.size()],
                           static_cast<char>('a' + step % 26));
    if (const auto kind = random_() % 8; kind == 0) {
      add_large(text);
    } else if (kind == 1) {
      add_shared(text);
    } else {
      add(text);
    }
    model_.push_back({.text = text});
  }
  void send_some() {
    const std::string some = gathered(1 + random_() % 30'000);
    std::string all;
    for (const waiting& each : model_) all += each.text.substr(each.begun);
    ASSERT_EQ(some, all.substr(0, some.size()));
    const std::size_t taken = random_() % (some.size() + 1);
    ASSERT_EQ(queue_.consume(taken), take(taken));
    for (waiting& each : model_) each.locked = false;
    queue_.unlock();
    if (random_() % 2 == 0) lock(some.size() - taken);
  }
  std::size_t take(std::size_t bytes) {
    std::size_t ended = 0;
    while (bytes > 0) {
      waiting& first = model_.front();
      const std::size_t of_first = std::min(bytes, first.text.size() - first.begun);
      first.begun += of_first;
      bytes -= of_first;
      if (first.begun < first.text.size()) break;
      model_.pop_front();
      ++ended;
    }
    return ended;
  }
  void lock(std::size_t bytes) {
    queue_.lock(bytes);
    for (waiting& each : model_) {
      if (bytes == 0) break;
      each.locked = true;
      bytes -= std::min(bytes, each.text.size() - each.begun);
    }
  }
  void drop_one() {
    const auto oldest = std::find_if(model_.begin(), model_.end(),
                                     [](const waiting& each) { return each.begun == 0 && !each.locked; });
    ASSERT_EQ(queue_.drop_oldest(), oldest == model_.end() ? 0 : oldest->text.size());
    if (oldest != model_.end()) model_.erase(oldest);
  }

  std::mt19937 random_{20'261'123};
  std::deque<waiting> model_;
};

TEST_F(SendQueueModel, AgreesWithAListOfMessages) {
  for (int step = 0; step < 20'000; ++step) {
    switch (random_() % 5) {
      case 0:
      case 1:
        if (model_.size() < 500) add_one(step);
        break;
      case 2:
        if (!model_.empty()) send_some();
        break;
      default:
        drop_one();
        break;
    }
    if (HasFatalFailure()) FAIL() << "step " << step;
    std::size_t bytes = 0;
    for (const waiting& each : model_) bytes += each.text.size() - each.begun;
    ASSERT_EQ(queue_.bytes(), bytes) << "step " << step;
    ASSERT_EQ(queue_.messages(), model_.size()) << "step " << step;
  }
  static_cast<void>(queue_.clear());
  EXPECT_EQ(budget_.used(), 0U);
}

}  // namespace
}  // namespace naru::core
