// Everybody hears everybody, over TCP (lines) and UDP (datagrams) in one room: a group, whose members leave
// by themselves, and each connection carries an object of the user's.

#include <chrono>
#include <iostream>
#include <memory>
#include <string>

#include <naru/naru.hpp>

namespace {

/// What this program knows of a peer. Used only in that connection's handlers, which run one at a time.
struct guest {
  std::string name = {};
};

/// One message for all: made once, however many hear it.
void tell_all(naru::group& room, const std::string& name, naru::bytes_view words) {
  room.send(naru::message::make({naru::as_bytes(name), naru::as_bytes(": "), words}).value());
}

}  // namespace

int main(int argc, char** argv) {
  naru::group lobby;
  naru::network net{};
  net.start().value();

  // The first message is the guest's name; from then on the connection has other handlers.
  const auto talking = std::make_shared<const naru::handlers>(naru::handlers{
      .on_received = [&lobby](
                         naru::connection& peer,
                         naru::bytes_view words) { tell_all(lobby, peer.attached<guest>()->name, words); },
  });
  const auto entering = std::make_shared<const naru::handlers>(naru::handlers{
      .on_connected = [](naru::connection& peer) { peer.send("Who are you?"); },
      .on_received =
          [&lobby, talking](naru::connection& peer, naru::bytes_view name) {
            peer.attach(std::make_shared<guest>(std::string{naru::as_text(name)}));
            peer.exchange_handlers(talking).value();
            lobby.add(peer).value();
          },
  });

  for (const auto over : {naru::tcp, naru::udp}) {
    const auto id = net.bind(over, argc > 1 ? argv[1] : ":7000").value();
    net.listen(id, entering, {.connection = {.frames = naru::framing::lines()}}).value();
    std::cout << "listening on " << net.local_endpoint(id).value().to_string()
              << (over == naru::tcp ? " over TCP" : " over UDP, until Enter") << std::endl;
  }
  std::cin.get();
  net.stop(std::chrono::seconds{5}).value();
}
