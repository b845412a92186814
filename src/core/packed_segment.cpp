#include "core/packed_segment.hpp"

#include <algorithm>

namespace naru::core {

std::size_t packed_segment::gather_runs(std::span<bytes_view> out) const noexcept {
  // One run for each stretch without a dropped message.
  std::size_t used = 0;
  std::size_t begin = sent;
  std::size_t end = passed_bytes;
  for (std::uint32_t each = passed; each < messages && used < out.size(); ++each) {
    const note about = read_note(each);
    if (about.dropped) {
      if (end > begin) out[used++] = {data() + begin, end - begin};
      begin = end + about.bytes;
    }
    end += about.bytes;
  }
  if (end > begin && used < out.size()) out[used++] = {data() + begin, end - begin};
  return used;
}

std::size_t packed_segment::consume_some(std::size_t bytes) noexcept {
  std::size_t ended = 0;
  while (bytes > 0) {
    const std::size_t end = passed_bytes + read_note(passed).bytes;
    const std::size_t taken = std::min(bytes, end - sent);
    sent += taken;
    bytes -= taken;
    if (sent < end) break;
    passed_bytes = end;
    ++passed;
    ++ended;
    pass_dropped();
  }
  return ended;
}

void packed_segment::pass_dropped() noexcept {
  while (dropped_messages > 0 && passed < messages) {
    const note about = read_note(passed);
    if (!about.dropped) return;
    passed_bytes += about.bytes;
    sent = passed_bytes;
    dropped_bytes -= about.bytes;
    --dropped_messages;
    ++passed;
  }
}

std::size_t packed_segment::drop_oldest(std::size_t locked_bytes, std::uint32_t now_ms,
                                        std::uint32_t age_min_ms) noexcept {
  std::uint32_t each = locked_bytes == 0 ? std::max(passed, drop_from) : passed;
  std::size_t waiting_before = 0;
  for (; each < messages; ++each) {
    const note about = read_note(each);
    const std::size_t begun_bytes = each == passed ? sent - passed_bytes : 0;
    if (about.dropped) continue;
    if (begun_bytes == 0 && waiting_before >= locked_bytes) break;
    waiting_before += about.bytes - begun_bytes;
  }
  if (each == messages) return 0;
  const note about = read_note(each);
  if (now_ms - about.queued_at_ms < age_min_ms) return too_young;
  write_note(each, static_cast<std::uint32_t>(about.bytes) | is_dropped, about.queued_at_ms);
  dropped_bytes += about.bytes;
  ++dropped_messages;
  if (locked_bytes == 0) drop_from = each + 1;
  if (passed_bytes == sent) pass_dropped();
  return about.bytes;
}

std::uint32_t packed_segment::oldest_ms() const noexcept {
  return read_note(passed).queued_at_ms;
}

}  // namespace naru::core
