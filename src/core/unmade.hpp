#pragma once

namespace naru::core {

class shell;
class worker;

/// A connection that a user was given and that there is no memory for: its `on_closed`, which is all that
/// comes of it. [worker]
void end_unmade(worker& at, shell& given) noexcept;

}  // namespace naru::core
