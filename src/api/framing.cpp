#include <naru/framing.hpp>

namespace naru {

// Out of line, since g++ 12, seeing into them, warns of an uninitialised codec wherever options are made with
// designated initialisers. Users who compile with warnings shall see none of ours.
framing::framing(const framing&) noexcept = default;
framing::framing(framing&&) noexcept = default;
framing& framing::operator=(const framing&) noexcept = default;
framing& framing::operator=(framing&&) noexcept = default;
framing::~framing() = default;

}  // namespace naru
