#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "arguments.hpp"
#include "chart.hpp"
#include "histogram.hpp"
#include "line_splitter.hpp"
#include "style.hpp"

namespace naru::program {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(Histogram, IsEmptyAtFirst) {
  const histogram empty;
  EXPECT_EQ(empty.count(), 0U);
  EXPECT_EQ(empty.quantile(0.5), 0ns);
  EXPECT_EQ(empty.max(), 0ns);
  EXPECT_EQ(empty.mean(), 0ns);
  EXPECT_EQ(draw(empty, {}), "");
}

TEST(Histogram, KeepsEveryValueWithinOnePercent) {
  for (std::int64_t value = 1; value < (std::int64_t{1} << 40); value = value * 3 / 2 + 1) {
    histogram one;
    one.record(std::chrono::nanoseconds{value});
    one.record(1h);  // so that the longest does not hide what the bucket says
    const auto kept = one.quantile(0.5).count();
    EXPECT_GE(kept, value);
    EXPECT_LE(kept - value, value / 100);
  }
}

TEST(Histogram, BucketsFollowEachOtherWithoutGap) {
  for (std::size_t i = 0; i + 1 < scale::buckets; ++i) {
    const auto lowest = scale::lowest_in(i);
    const auto next = scale::lowest_in(i + 1);
    ASSERT_LT(lowest, next);
    ASSERT_EQ(scale::index_of(lowest), i);
    ASSERT_EQ(scale::index_of(next - 1), i);
  }
}

TEST(Histogram, FindsQuantiles) {
  histogram counts;
  for (int i = 1; i <= 1000; ++i) counts.record(std::chrono::microseconds{i});
  EXPECT_EQ(counts.count(), 1000U);
  EXPECT_NEAR(static_cast<double>(counts.quantile(0.5).count()), 500e3, 5e3);
  EXPECT_NEAR(static_cast<double>(counts.quantile(0.99).count()), 990e3, 10e3);
  EXPECT_EQ(counts.quantile(1), 1ms);
  EXPECT_EQ(counts.max(), 1ms);
  EXPECT_EQ(counts.mean(), 500500ns);
  EXPECT_NEAR(static_cast<double>(counts.count_below(250us)), 250, 3);
}

TEST(Histogram, AddsAnother) {
  histogram sum;
  histogram other;
  sum.record(1us);
  other.record(3us);
  other.record(8us);
  sum.add(other);
  EXPECT_EQ(sum.count(), 3U);
  EXPECT_EQ(sum.mean(), 4us);
  EXPECT_EQ(sum.max(), 8us);
}

TEST(Histogram, TakesWhatIsOutOfRange) {
  histogram counts;
  counts.record(-5ns);
  counts.record(std::chrono::nanoseconds::max());
  EXPECT_EQ(counts.count(), 2U);
  EXPECT_EQ(counts.quantile(0.5), 0ns);
  EXPECT_EQ(counts.max(), std::chrono::nanoseconds::max());
}

TEST(Chart, CountsEveryValueOnceInFewLines) {
  histogram counts;
  for (int i = 0; i < 100; ++i) counts.record(std::chrono::microseconds{105 + i / 2});
  counts.record(900ms);
  const auto drawn = draw(counts, {.columns = 80});
  EXPECT_LE(std::ranges::count(drawn, '\n'), 19);
  EXPECT_THAT(drawn, testing::HasSubstr(" p50 "));
  EXPECT_THAT(drawn, testing::HasSubstr("p99.9"));
  EXPECT_THAT(drawn, testing::HasSubstr("99.01%"));
  EXPECT_THAT(drawn, testing::Not(testing::HasSubstr("\x1b")));
  EXPECT_THAT(draw(counts, {.colour = true}), testing::HasSubstr("\x1b[32m"));
}

std::vector<std::string> lines_of(std::string_view text, std::size_t piece_bytes) {
  line_splitter splitter;
  std::vector<std::string> lines;
  for (; !text.empty(); text.remove_prefix(std::min(piece_bytes, text.size()))) {
    splitter.take(text.substr(0, piece_bytes));
    while (const auto line = splitter.next()) lines.emplace_back(*line);
  }
  if (!splitter.unfinished().empty()) lines.push_back("unfinished: " + std::string{splitter.unfinished()});
  return lines;
}

TEST(LineSplitter, GivesTheSameLinesForEverySplit) {
  for (std::size_t piece_bytes = 1; piece_bytes < 20; ++piece_bytes) {
    EXPECT_THAT(lines_of("one\n\ntwo words\n\nrest", piece_bytes),
                ElementsAre("one", "", "two words", "", "unfinished: rest"));
    EXPECT_THAT(lines_of("a\nb\n", piece_bytes), ElementsAre("a", "b"));
  }
}

TEST(Style, WritesNumbersForPeople) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(readable(0ns), "0 ns");
  EXPECT_EQ(readable(999ns), "999 ns");
  EXPECT_EQ(readable(1us), "1.00 µs");
  EXPECT_EQ(readable(231us), "231 µs");
  EXPECT_EQ(readable(999600ns), "1.00 ms");
  EXPECT_EQ(readable(15s), "15.0 s");
  EXPECT_EQ(megabytes(26.4e6), "26.4");
}

TEST(Style, DrawsBarsInEighths) {
  EXPECT_EQ(bar(0, 4), "");
  EXPECT_EQ(bar(1, 4), "████");
  EXPECT_EQ(bar(0.5, 4), "██");
  EXPECT_EQ(bar(0.5, 1), "▌");
  EXPECT_EQ(bar(1e-9, 4), "▏");
  EXPECT_EQ(bar(7, 4), "████");
}

TEST(Style, CutsTextBetweenCharacters) {
  EXPECT_EQ(fit("231 µs", 5), "231 µ");
  EXPECT_EQ(fit("231 µs", 4), "231 ");
  EXPECT_EQ(fit("short", 80), "short");
  EXPECT_EQ(fit("short", 0), "");
}

TEST(Arguments, ReadWholeNumbersWithinTheirRange) {
  EXPECT_EQ(parse_whole_number("7", 1, 9), 7U);
  EXPECT_EQ(parse_whole_number("1", 1, 9), 1U);
  EXPECT_EQ(parse_whole_number("9", 1, 9), 9U);
  for (const auto* wrong : {"", "0", "10", "7 ", " 7", "+7", "-7", "7.0", "0x7", "seven"}) {
    EXPECT_FALSE(parse_whole_number(wrong, 1, 9)) << wrong;
  }
}

TEST(Arguments, ReadSeconds) {
  EXPECT_EQ(parse_seconds("5"), 5s);
  EXPECT_EQ(parse_seconds("0.25"), 250ms);
  EXPECT_EQ(parse_seconds("86400"), 24h);
  for (const auto* wrong : {"", "0", "-1", "nan", "inf", "86401", "5s", "1e999"}) {
    EXPECT_FALSE(parse_seconds(wrong)) << wrong;
  }
}

}  // namespace

}  // namespace naru::program
