#include "support/engines.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "engine/select.hpp"
#include "engine/simulated/simulated_platform.hpp"
#include "support/surroundings.hpp"

namespace naru::test {

namespace simulated = engine::simulated;

engine_environment::engine_environment(std::function<std::shared_ptr<engine::platform>()> make)
    : make_{std::move(make)} {
  auto held = core::process_hold::take();
  if (!held) throw std::system_error{held.error()};
  process_ = *std::move(held);
}

engine_environment::engine_environment(engine_kind kind)
    : engine_environment{[kind]() -> std::shared_ptr<engine::platform> {
        auto selected = engine::select_platform(kind);
        if (!selected) throw std::system_error{selected.error()};
        return *std::move(selected);
      }} {}

engine_environment::engine_environment(const simulated::hostility& manners, simulated::world_options options)
    : world_{std::make_shared<simulated::world>(options)}, manners_{manners} {}

std::shared_ptr<engine::platform> engine_environment::make_platform() const {
  if (is_simulated()) return make_platform(manners_);
  return make_();
}

std::shared_ptr<simulated::simulated_platform> engine_environment::make_platform(
    const simulated::hostility& manners) const {
  if (!is_simulated()) throw std::logic_error{"only a simulated platform has manners"};
  return std::make_shared<simulated::simulated_platform>(world_, manners);
}

simulated::world& engine_environment::world() const {
  if (!is_simulated()) throw std::logic_error{"only a simulated environment has a world"};
  return *world_;
}

std::string engine_environment::why_losses_are_not_counted() const {
  return is_simulated() ? std::string{} : test::why_losses_are_not_counted();
}

std::string engine_environment::why_no_address_to_send_from_is_named() const {
  return is_simulated() ? std::string{} : test::why_no_address_to_send_from_is_named();
}

std::size_t engine_environment::bulk_bytes() const noexcept {
  if (!is_simulated()) return std::size_t{8} << 20;
  return std::max(manners_.pipe_bytes * 32, std::size_t{8} << 10);
}

std::vector<engine_under_test> simulated_engines() {
  const auto mood = [](std::string name, const simulated::hostility& manners) {
    return engine_under_test{.name = "simulated_" + std::move(name),
                             .make = [manners] { return std::make_unique<engine_environment>(manners); }};
  };
  return {mood("calm", simulated::hostility::calm()), mood("hostile_1", simulated::hostility::hostile(1)),
          mood("hostile_2", simulated::hostility::hostile(2)),
          mood("one_byte", simulated::hostility::one_byte(3))};
}

std::vector<engine_under_test> all_engines() {
  std::vector<engine_under_test> engines = simulated_engines();
  const auto of_system = [&](const char* name, engine_kind kind) {
    if (!engine::select_platform(kind)) return;
    engines.push_back({.name = name, .make = [kind] { return std::make_unique<engine_environment>(kind); }});
  };
  of_system("epoll", engine_kind::epoll);
  of_system("iocp", engine_kind::iocp);
  return engines;
}

}  // namespace naru::test
