#pragma once

#include <chrono>
#include <cstdint>

#include <sys/types.h>

namespace naru::bench {

/// CPU time that all threads of another process have used, in user space and in the kernel. Exact: the
/// process's own CPU clock (clock_getcpuclockid(3)), not the ticks of /proc/PID/stat.
[[nodiscard]] std::chrono::nanoseconds cpu_time(pid_t process);

/// Memory of a process that is resident and not file-backed: RssAnon of proc_pid_status(5).
[[nodiscard]] std::int64_t anonymous_bytes(pid_t process);

}  // namespace naru::bench
