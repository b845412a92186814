#pragma once

#include <functional>
#include <memory>
#include <utility>

#include <naru/connection.hpp>

#include "core/letter.hpp"

namespace naru::core {

class shell;

/// A task that a user hands to the worker of a connection.
class posted_task final : public letter {
 public:
  posted_task(std::weak_ptr<shell> to, std::move_only_function<void(connection&)> task) noexcept
      : to_{std::move(to)}, task_{std::move(task)} {}

  void deliver(worker& at) noexcept override;
  void discard() noexcept override { delete this; }

 private:
  ~posted_task() = default;

  std::weak_ptr<shell> to_;
  std::move_only_function<void(connection&)> task_;
};

}  // namespace naru::core
