#include <chrono>
#include <iostream>
#include <memory>

#include <naru/naru.hpp>

int main(int argc, char** argv) {
  naru::network net{{.workers = 2}};
  net.start().value();

  const auto echo = std::make_shared<const naru::handlers>(naru::handlers{
      .on_received = [](naru::connection& peer, naru::bytes_view message) { peer.send(message); },
  });
  for (const auto over : {naru::tcp, naru::udp}) {
    const auto id = net.bind(over, argc > 1 ? argv[1] : ":7000").value();
    net.listen(id, echo).value();
    std::cout << "listening on " << net.local_endpoint(id).value().to_string()
              << (over == naru::tcp ? " over TCP" : " over UDP, until Enter") << std::endl;
  }
  std::cin.get();
  net.stop(std::chrono::seconds{5}).value();
}
