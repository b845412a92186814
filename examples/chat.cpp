// Everybody hears everybody, over TCP (lines) and UDP (datagrams) in one room: the connections are kept as
// weak pointers, and each carries an object of the user's.

#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <naru/naru.hpp>

namespace {

/// What this program knows of a peer. Used only in that connection's handlers, which run one at a time.
struct guest {
  std::string name = {};
};

class room {
 public:
  void enter(naru::connection& peer) {
    const std::scoped_lock lock{mutex_};
    guests_.emplace(peer.id(), peer.weak_from_this());
  }
  void leave(naru::connection& peer) {
    const std::scoped_lock lock{mutex_};
    guests_.erase(peer.id());
  }
  void tell_all(std::string_view name, naru::bytes_view words) {
    const std::scoped_lock lock{mutex_};
    for (const auto& [id, weak] : guests_) {
      if (const auto peer = weak.lock()) peer->send({naru::as_bytes(name), naru::as_bytes(": "), words});
    }
  }

 private:
  std::mutex mutex_;  // handlers of several connections run at the same time
  std::map<naru::connection_id, std::weak_ptr<naru::connection>> guests_;
};

}  // namespace

int main(int argc, char** argv) {
  room lobby;
  naru::network net{};
  net.start().value();

  // The first message is the guest's name; from then on the connection has other handlers.
  const auto talking = std::make_shared<const naru::handlers>(naru::handlers{
      .on_received = [&lobby](
                         naru::connection& peer,
                         naru::bytes_view words) { lobby.tell_all(peer.attached<guest>()->name, words); },
      .on_closed = [&lobby](naru::connection& peer, naru::close_reason) { lobby.leave(peer); },
  });
  const auto entering = std::make_shared<const naru::handlers>(naru::handlers{
      .on_connected = [](naru::connection& peer) { peer.send("Who are you?"); },
      .on_received =
          [&lobby, talking](naru::connection& peer, naru::bytes_view name) {
            peer.attach(std::make_shared<guest>(std::string{naru::as_text(name)}));
            peer.exchange_handlers(talking).value();
            lobby.enter(peer);
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
