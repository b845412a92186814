#include <chrono>
#include <iostream>
#include <utility>

#include <naru/naru.hpp>

int main(int argc, char** argv) {
  naru::network net{{.workers = 2}};
  net.start().value();

  const auto id = net.bind(naru::tcp, argc > 1 ? argv[1] : ":7000").value();
  naru::handlers echo{
      .on_received = [](naru::connection& peer, naru::bytes_view message) { peer.send(message); },
  };
  net.listen(id, std::move(echo)).value();

  std::cout << "listening on " << net.local_endpoint(id).value().to_string() << ", until Enter" << std::endl;
  std::cin.get();
  net.stop(std::chrono::seconds{5}).value();
}
