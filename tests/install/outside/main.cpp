// What a user's program does: it needs each kind of symbol that the library shows. Ends with 0 if all of it
// works.

#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>

#include <naru/naru.hpp>

namespace {

// A class derived from one of the library's needs that one's table of virtual functions and its type.
class whole_stream final : public naru::codec {
 public:
  [[nodiscard]] naru::frame parse(naru::bytes_view received, std::size_t /*seen*/) const noexcept override {
    return {.state = naru::frame::status::whole, .body_bytes = received.size()};
  }
  [[nodiscard]] naru::result<naru::wrapping> wrap(
      std::span<const naru::bytes_view> /*pieces*/) const noexcept override {
    return naru::wrapping{};
  }
};

bool expect(bool holds, const char* what) {
  if (!holds) std::fprintf(stderr, "failed: %s\n", what);
  return holds;
}

bool values_work(const char* version) {
  const auto parsed = naru::endpoint::parse("[::1]:7000");
  return expect(naru::version() == version, "the library is the version that was installed") &&
         expect(parsed.has_value() && parsed->to_string() == "[::1]:7000",
                "an endpoint is read and written") &&
         expect(std::hash<naru::endpoint>{}(*parsed) == std::hash<naru::endpoint>{}(*parsed), "it hashes") &&
         expect(naru::endpoint::parse("nowhere").error() == naru::errc::invalid_endpoint, "errors compare");
}

bool network_works() {
  naru::network net{{.workers = 1}};
  if (!expect(net.start().has_value(), "a network starts")) return false;
  const auto id = net.bind(naru::tcp, naru::endpoint::loopback_ipv4(0));
  if (!expect(id.has_value(), "a port is bound")) return false;
  naru::listen_options options;
  options.connection.frames = naru::framing::custom(std::make_shared<whole_stream>());
  return expect(net.listen(*id, {}, options).has_value(), "it listens") &&
         expect(net.local_endpoint(*id)->port() != 0, "the port is known") &&
         expect(net.stop(std::chrono::seconds{5}).has_value(), "the network stops");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  return values_work(argv[1]) && network_works() ? 0 : 1;
}
