#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace naru::test {

/// What came of a thread that sent "thread N", N from 1, and then told a handler of N, which sent "handler N"
/// when it next ran: no message of the thread came behind one of the handler that knew of it (guarantee 3).
inline void expect_nothing_overtaken(const std::vector<std::string>& messages) {
  int sent = 0;
  for (const std::string& message : messages) {
    if (message.starts_with("thread ")) {
      EXPECT_EQ(message, "thread " + std::to_string(++sent));
    } else {
      EXPECT_LE(std::stoi(message.substr(8)), sent)
          << "the handler had heard of a send that comes only later";
    }
  }
}

}  // namespace naru::test
