#pragma once

#include <gtest/gtest.h>

#include "support/engines.hpp"
#include "support/seam_bench.hpp"

namespace naru::test {

/// A bench for each test, in an environment of the engine under test.
class seam_test : public testing::TestWithParam<engine_under_test>, public seam_bench {
 protected:
  seam_test() : seam_bench{GetParam().make()} {}
};

}  // namespace naru::test
