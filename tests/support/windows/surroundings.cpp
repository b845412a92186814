#include "support/surroundings.hpp"

#include "engine/windows/wine.hpp"

namespace naru::test {

std::string why_losses_are_not_counted() {
  return "Windows does not tell a socket how many datagrams it has lost";
}

std::string why_no_address_to_send_from_is_named() {
  return engine::is_wine() ? "Wine's WSASendMsg ignores IP_PKTINFO" : std::string{};
}

}  // namespace naru::test
