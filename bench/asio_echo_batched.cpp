// The echo server on Asio as somebody writes it who cares about its cost: read_some into a buffer, all whole
// messages of a read answered by one write.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
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
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): what is never received into must not be resident
  explicit session(tcp::socket socket) : socket_{std::move(socket)} {
    socket_.set_option(tcp::no_delay{true});
  }

  void read() {
    socket_.async_read_some(asio::buffer(input_.data() + kept_bytes_, input_.size() - kept_bytes_),
                            [self = shared_from_this()](std::error_code error, std::size_t bytes) {
                              if (!error) self->on_read(bytes);
                            });
  }

 private:
  void on_read(std::size_t bytes) {
    const std::span<const std::byte> received = std::span{input_}.first(kept_bytes_ + bytes);
    std::size_t parsed_bytes = 0;
    while (const std::size_t frame_bytes = whole_frame(received.subspan(parsed_bytes))) {
      on_message(received.subspan(parsed_bytes + prefix_bytes, frame_bytes - prefix_bytes));
      parsed_bytes += frame_bytes;
    }
    kept_bytes_ = received.size() - parsed_bytes;
    std::memmove(input_.data(), input_.data() + parsed_bytes, kept_bytes_);
    if (output_.empty()) {
      if (kept_bytes_ < input_.size()) read();
      return;
    }
    asio::async_write(socket_, asio::buffer(output_),
                      [self = shared_from_this()](std::error_code error, std::size_t /*bytes*/) {
                        if (error) return;
                        self->output_.clear();
                        self->read();
                      });
  }

  void on_message(std::span<const std::byte> message) {
    const auto prefix = make_prefix(message.size());
    output_.insert(output_.end(), prefix.begin(), prefix.end());
    output_.insert(output_.end(), message.begin(), message.end());
  }

  tcp::socket socket_;
  /// Also the largest message it takes.
  std::array<std::byte, std::size_t{16} << 10> input_;
  std::size_t kept_bytes_ = 0;
  std::vector<std::byte> output_;
};

void accept(tcp::acceptor& acceptor) {
  acceptor.async_accept([&acceptor](std::error_code error, tcp::socket socket) {
    if (!error) std::make_shared<session>(std::move(socket))->read();
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
  return naru::bench::run_server(argc, argv, "An echo server on Asio, batched", naru::bench::serve);
}
