#include "support/surroundings.hpp"

namespace naru::test {

std::string why_losses_are_not_counted() {
  return {};
}

std::string why_no_address_to_send_from_is_named() {
  return {};
}

}  // namespace naru::test
