#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <naru/endpoint.hpp>
#include <naru/options.hpp>

#include "core/process.hpp"
#include "engine/platform.hpp"
#include "engine/simulated/hostility.hpp"
#include "engine/simulated/simulated_platform.hpp"
#include "engine/simulated/world.hpp"

namespace naru::test {

/// What one test runs in: a place whose platforms reach each other and nothing else. Made anew for each test,
/// and kept until all networks and engines of the test are gone.
class engine_environment {
 public:
  /// The operating system, with platforms that the test makes itself.
  explicit engine_environment(std::function<std::shared_ptr<engine::platform>()> make);
  /// The operating system, with one of its engines.
  explicit engine_environment(engine_kind kind);
  /// A world of its own.
  explicit engine_environment(const engine::simulated::hostility& manners,
                              engine::simulated::world_options options = {});

  /// One platform for each network: client and server made from one environment reach each other.
  [[nodiscard]] std::shared_ptr<engine::platform> make_platform() const;
  /// One with other manners than this environment has, in the same world; only where that is simulated.
  [[nodiscard]] std::shared_ptr<engine::simulated::simulated_platform> make_platform(
      const engine::simulated::hostility& manners) const;

  /// Where a test listens: loopback, with a free port.
  [[nodiscard]] endpoint bind_address() const noexcept { return endpoint::loopback_ipv4(0); }

  [[nodiscard]] bool is_simulated() const noexcept { return world_ != nullptr; }
  /// For names, faults and time; only where it is simulated.
  [[nodiscard]] engine::simulated::world& world() const;

  /// Why a test that needs this is skipped here; empty where it is not. A world can do everything.
  [[nodiscard]] std::string why_losses_are_not_counted() const;
  [[nodiscard]] std::string why_no_address_to_send_from_is_named() const;

  /// How much a test of bulk sends one way: as much as takes well under a second with this engine.
  [[nodiscard]] std::size_t bulk_bytes() const noexcept;

 private:
  std::function<std::shared_ptr<engine::platform>()> make_ = {};
  std::optional<core::process_hold> process_;  ///< for platforms that are used without a network
  std::shared_ptr<engine::simulated::world> world_;
  engine::simulated::hostility manners_;
};

/// One engine, in one of its moods, that a suite runs on.
struct engine_under_test {
  std::string name;  ///< good as the name of a test: letters, digits and underscores
  std::function<std::unique_ptr<engine_environment>()> make;
};

/// The engines of this system and the simulated ones: calm, hostile with two seeds, one byte at a time.
[[nodiscard]] std::vector<engine_under_test> all_engines();
/// Only the simulated ones.
[[nodiscard]] std::vector<engine_under_test> simulated_engines();

/// Names the instances of a suite:
/// `INSTANTIATE_TEST_SUITE_P(engines, my_suite, testing::ValuesIn(all_engines()), engine_name{});`
struct engine_name {
  template <typename Info>
  [[nodiscard]] std::string operator()(const Info& info) const {
    return info.param.name;
  }
};

/// How GoogleTest prints the parameter.
inline void PrintTo(const engine_under_test& engine, std::ostream* out) {
  *out << engine.name;
}

}  // namespace naru::test
