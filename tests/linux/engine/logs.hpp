#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include <naru/bytes.hpp>
#include <naru/endpoint.hpp>

#include "engine/engine.hpp"

namespace naru::test {

/// What one stream told, and what a test wants done about it. It checks the order that the seam promises.
struct stream_log final : engine::stream_events {
  engine::stream* stream = nullptr;

  std::optional<std::error_code> connected = {};
  std::string received = {};
  std::size_t receives = 0;
  std::optional<std::error_code> receive_ended = {};
  std::size_t sents = 0;
  bool closing = false;
  bool closed = false;

  std::function<void(bytes_view)> when_received = {};
  std::function<void()> when_connected = {};
  std::function<void()> when_receive_ended = {};
  std::function<void()> when_sent = {};
  std::function<void()> when_closed = {};

  void on_connected(std::error_code error) override {
    EXPECT_FALSE(connected || closing) << "on_connected comes once, and first";
    connected = error;
    if (when_connected) when_connected();
  }
  void on_received(bytes_view bytes) override {
    EXPECT_FALSE(receive_ended || closing) << "nothing is received after the end";
    EXPECT_FALSE(bytes.empty());
    ++receives;
    received += as_text(bytes);
    if (when_received) when_received(bytes);
  }
  void on_receive_ended(std::error_code error) override {
    EXPECT_FALSE(receive_ended || closing) << "on_receive_ended comes once";
    receive_ended = error;
    if (when_receive_ended) when_receive_ended();
  }
  void on_sent(std::size_t bytes, std::error_code error) override {
    EXPECT_FALSE(closing);
    EXPECT_EQ(bytes, 0U) << "epoll takes bytes when they are sent, never later";
    EXPECT_FALSE(error);
    ++sents;
    if (when_sent) when_sent();
  }
  void on_closed() override {
    EXPECT_TRUE(closing && !closed) << "on_closed comes once, and only when asked for";
    closed = true;
    stream = nullptr;
    if (when_closed) when_closed();
  }

  void close(engine::close_mode mode = engine::close_mode::orderly) {
    closing = true;
    stream->close(mode);
  }
};

/// The same for an acceptor.
struct acceptor_log final : engine::acceptor_events {
  engine::acceptor* acceptor = nullptr;
  endpoint local = {};

  std::vector<engine::raw_socket> sockets = {};
  std::vector<endpoint> remotes = {};
  std::vector<std::error_code> failures = {};
  bool closing = false;
  bool closed = false;

  std::function<void()> when_accepted = {};

  void on_accepted(engine::raw_socket socket, const endpoint& remote) override {
    EXPECT_FALSE(closing);
    sockets.push_back(std::move(socket));
    remotes.push_back(remote);
    if (when_accepted) when_accepted();
  }
  void on_accept_failed(std::error_code error) override {
    EXPECT_FALSE(closing);
    failures.push_back(error);
  }
  void on_closed() override {
    EXPECT_TRUE(closing && !closed) << "on_closed comes once, and only when asked for";
    closed = true;
    acceptor = nullptr;
  }

  void close() {
    closing = true;
    acceptor->close();
  }
};

}  // namespace naru::test
