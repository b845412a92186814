// Unlike those of Linux, the standard handles of Windows are a program's to change: here each test is its own
// typist.

#include <array>
#include <future>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <windows.h>

#include "process.hpp"
#include "standard_input.hpp"

namespace naru::program {

namespace {

class StandardInput : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(CreatePipe(&reading_end_, &writing_end_, nullptr, 0), 0);
    ASSERT_NE(SetStdHandle(STD_INPUT_HANDLE, reading_end_), 0);
    input_.emplace();
  }
  void TearDown() override {
    end_input();
    input_.reset();
    SetStdHandle(STD_INPUT_HANDLE, before_);
    // A thread that was left behind may still read from it: it stays open.
  }

  void type(std::string_view text) const {
    DWORD written = 0;
    ASSERT_NE(WriteFile(writing_end_, text.data(), static_cast<DWORD>(text.size()), &written, nullptr), 0);
    ASSERT_EQ(written, text.size());
  }
  void end_input() {
    if (writing_end_ != nullptr) CloseHandle(writing_end_);
    writing_end_ = nullptr;
  }
  std::string read(std::size_t bytes_most) {
    std::string text(bytes_most, '?');
    const auto count = input_->read(text);
    EXPECT_TRUE(count.has_value());
    text.resize(count.value_or(0));
    return text;
  }
  std::string read_exactly(std::size_t bytes) {
    std::string all;
    while (all.size() < bytes) {
      const auto piece = read(bytes - all.size());
      if (piece.empty()) break;
      all += piece;
    }
    return all;
  }

  const HANDLE before_ = GetStdHandle(STD_INPUT_HANDLE);
  HANDLE reading_end_ = nullptr;
  HANDLE writing_end_ = nullptr;
  std::optional<standard_input> input_;
};

TEST_F(StandardInput, GivesBytesAsTheyAreAndThenTheEnd) {
  using namespace std::string_view_literals;
  constexpr auto typed = "one\r\ntwo\n\x1a\0\xff last"sv;
  type(typed);
  EXPECT_EQ(read_exactly(typed.size()), typed);
  end_input();
  EXPECT_EQ(read(10), "");
  EXPECT_EQ(read(10), "");
}

TEST_F(StandardInput, IsReadInPiecesOfTheReadersSize) {
  type("abcdef");
  EXPECT_EQ(read_exactly(2), "ab");
  EXPECT_EQ(read_exactly(4), "cdef");
}

TEST_F(StandardInput, ACancelEndsTheReadThatWaitsAndAllLaterOnes) {
  type("heard");
  EXPECT_EQ(read_exactly(5), "heard");
  auto waiting = std::async(std::launch::async, [this] { return read(10); });
  input_->cancel();
  EXPECT_EQ(waiting.get(), "");
  type("unheard");
  EXPECT_EQ(read(10), "");
}

TEST_F(StandardInput, ACancelBeforeTheFirstReadIsNotLost) {
  input_->cancel();
  EXPECT_EQ(read(10), "");
}

TEST_F(StandardInput, MayGoWhileItsThreadWaits) {
  for (int i = 0; i < 50; ++i) input_.emplace();
}

TEST(StandardInputOfNobody, CannotBeRead) {
  const auto before = GetStdHandle(STD_INPUT_HANDLE);
  SetStdHandle(STD_INPUT_HANDLE, nullptr);
  standard_input input;
  std::array<char, 10> into = {};
  EXPECT_FALSE(input.read(into).has_value());
  SetStdHandle(STD_INPUT_HANDLE, before);
}

TEST(OpenFiles, HaveNoLimit) {
  EXPECT_GT(raise_open_files_limit(), 1'000'000'000U);
}

}  // namespace

}  // namespace naru::program
