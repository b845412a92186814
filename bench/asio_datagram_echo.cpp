// The UDP echo server on Asio as its tutorial goes: async_receive_from, async_send_to, and again.

#include <array>
#include <cstddef>
#include <cstdint>

#include <asio.hpp>

#include "support/programs.hpp"

namespace naru::bench {
namespace {

using asio::ip::udp;

class server {
 public:
  server(asio::io_context& context, std::uint16_t port)
      : socket_{context, udp::endpoint{asio::ip::address_v4::loopback(), port}} {
    socket_.set_option(asio::socket_base::receive_buffer_size{4 << 20});
  }

  [[nodiscard]] std::uint16_t port() const { return socket_.local_endpoint().port(); }

  void receive() {
    socket_.async_receive_from(
        asio::buffer(buffer_), peer_, [this](std::error_code error, std::size_t bytes) {
          if (error) return receive();
          socket_.async_send_to(asio::buffer(buffer_.data(), bytes), peer_,
                                [this](std::error_code /*error*/, std::size_t /*bytes*/) { receive(); });
        });
  }

 private:
  udp::socket socket_;
  udp::endpoint peer_;
  std::array<std::byte, 2048> buffer_ = {};
};

void serve(std::uint16_t port) {
  asio::io_context context{1};
  server echo{context, port};
  echo.receive();
  announce(echo.port());
  context.run();
}

}  // namespace
}  // namespace naru::bench

int main(int argc, char** argv) {
  return naru::bench::run_server(argc, argv, "A UDP echo server on Asio, as its tutorial goes",
                                 naru::bench::serve);
}
