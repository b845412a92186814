// Sends its arguments to an echo, and prints the answers. It has no threads but the one of main, as a game
// that looks at its network once a frame.

#include <chrono>
#include <iostream>

#include <naru/naru.hpp>

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: " << argv[0] << " host:port message...\n";
    return 2;
  }
  int awaited = argc - 2;
  bool over = false;
  bool good = false;
  naru::network net{{.workers = 0}};
  net.start().value();

  const auto echo = net.connect(naru::tcp, argv[1],
                                {
                                    .on_received =
                                        [&awaited](naru::connection& peer, naru::bytes_view answer) {
                                          std::cout << naru::as_text(answer) << '\n';
                                          if (--awaited == 0) peer.close();
                                        },
                                    .on_closed =
                                        [&](naru::connection&, naru::close_reason why) {
                                          good = awaited == 0;
                                          over = true;
                                          if (!good)
                                            std::cerr << to_string(why.cause) << ": " << why.error.message()
                                                      << '\n';
                                        },
                                });
  if (!echo) {
    std::cerr << argv[1] << ": " << echo.error().message() << '\n';
    return 2;
  }
  // What is sent before the connection came about waits for it.
  for (int i = 2; i < argc; ++i) {
    if (const auto peer = echo->lock()) peer->send(argv[i]);
  }
  while (!over) net.poll(std::chrono::seconds{1}).value();
  return good ? 0 : 1;
}
