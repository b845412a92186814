// The echo server on Asio as its chat example goes: async_read of the header, async_read of the body, a queue
// of messages, one async_write for each.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include <asio.hpp>

#include "support/frames.hpp"
#include "support/programs.hpp"

namespace naru::bench {
namespace {

using asio::ip::tcp;

class session : public std::enable_shared_from_this<session> {
 public:
  explicit session(tcp::socket socket) : socket_{std::move(socket)} {
    socket_.set_option(tcp::no_delay{true});
  }

  void read_header() {
    asio::async_read(socket_, asio::buffer(header_),
                     [self = shared_from_this()](std::error_code error, std::size_t /*bytes*/) {
                       if (!error) self->read_body();
                     });
  }

 private:
  void read_body() {
    message_.assign(header_.begin(), header_.end());
    message_.resize(prefix_bytes + body_bytes(header_));
    asio::async_read(socket_, asio::buffer(message_.data() + prefix_bytes, message_.size() - prefix_bytes),
                     [self = shared_from_this()](std::error_code error, std::size_t /*bytes*/) {
                       if (error) return;
                       self->deliver(self->message_);
                       self->read_header();
                     });
  }

  void deliver(const std::vector<std::byte>& message) {
    const bool writing = !queue_.empty();
    queue_.push_back(message);
    if (!writing) write();
  }

  void write() {
    asio::async_write(socket_, asio::buffer(queue_.front()),
                      [self = shared_from_this()](std::error_code error, std::size_t /*bytes*/) {
                        if (error) return;
                        self->queue_.pop_front();
                        if (!self->queue_.empty()) self->write();
                      });
  }

  tcp::socket socket_;
  std::array<std::byte, prefix_bytes> header_ = {};
  std::vector<std::byte> message_;
  std::deque<std::vector<std::byte>> queue_;
};

void accept(tcp::acceptor& acceptor) {
  acceptor.async_accept([&acceptor](std::error_code error, tcp::socket socket) {
    if (!error) std::make_shared<session>(std::move(socket))->read_header();
    accept(acceptor);
  });
}

void serve(std::uint16_t port) {
  asio::io_context context{1};
  tcp::acceptor acceptor{context, tcp::endpoint{asio::ip::address_v4::loopback(), port}};
  acceptor.listen(accept_queue_max);
  accept(acceptor);
  announce(acceptor.local_endpoint().port());
  context.run();
}

}  // namespace
}  // namespace naru::bench

int main(int argc, char** argv) {
  return naru::bench::run_server(argc, argv, "An echo server on Asio, as its examples go",
                                 naru::bench::serve);
}
