#include <naru/framing.hpp>

namespace naru {

// Defined here so that the class has one home for its virtual table, which exceptions and casts across a
// shared library depend on.
codec::~codec() = default;

}  // namespace naru
