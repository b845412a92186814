#pragma once

#include <string>

namespace naru::test {

// What the system that a test runs on cannot do, whichever engine serves it. Each says why, as
// docs/backends.md does, or nothing where it can. One file for each operating system defines these.

/// Says how many datagrams it has lost for want of room.
[[nodiscard]] std::string why_losses_are_not_counted();
/// Lets a socket that is bound to every address name the one that a datagram leaves from.
[[nodiscard]] std::string why_no_address_to_send_from_is_named();

}  // namespace naru::test
