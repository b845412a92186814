#include <algorithm>
#include <utility>

#include <naru/connection.hpp>
#include <naru/handlers.hpp>

#include "core/outgoing.hpp"
#include "core/packed_period.hpp"
#include "core/shell.hpp"
#include "core/timed_task.hpp"

namespace naru {

using core::outgoing;
using core::shell;

result<void> connection::send(bytes_view message) {
  outgoing whole{std::span{&message, 1}};
  return shell::of(*this).send_message(whole);
}

result<void> connection::send(std::span<const bytes_view> pieces) {
  outgoing whole{pieces};
  return shell::of(*this).send_message(whole);
}

result<void> connection::send(std::vector<std::byte>&& message) {
  const bytes_view bytes{message};
  outgoing whole{std::span{&bytes, 1}, message};
  return shell::of(*this).send_message(whole);
}

result<void> connection::send(std::string&& message) {
  const bytes_view bytes = as_bytes(message);
  outgoing whole{std::span{&bytes, 1}, message};
  return shell::of(*this).send_message(whole);
}

result<void> connection::send(const message& shared) {
  if (shared.is_nothing()) return std::unexpected{make_error_code(errc::invalid_message)};
  return shell::of(*this).send_shared(core::message_ref{shared});
}

result<void> connection::send_latest(std::uint64_t key, bytes_view message) {
  outgoing whole{std::span{&message, 1}};
  return shell::of(*this).send_latest(key, whole);
}

void connection::close() noexcept {
  shell::of(*this).request_close();
}

void connection::close(std::chrono::milliseconds ignore_for) noexcept {
  shell::of(*this).request_close(std::max(ignore_for, std::chrono::milliseconds{0}));
}

void connection::confirm() noexcept {
  shell::of(*this).request_confirm();
}

transport connection::over() const noexcept {
  return shell::of(*this).common().over;
}

bool connection::is_renter() const noexcept {
  return shell::of(*this).is_renter();
}

void connection::abort() noexcept {
  shell::of(*this).request_abort();
}

bool connection::is_closed() const noexcept {
  return !shell::of(*this).accepts_sends();
}

void connection::pause_receiving() noexcept {
  shell::of(*this).request_receiving(false);
}

void connection::resume_receiving() noexcept {
  shell::of(*this).request_receiving(true);
}

endpoint connection::remote_endpoint() const noexcept {
  return shell::of(*this).remote();
}

endpoint connection::local_endpoint() const noexcept {
  return shell::of(*this).local();
}

connection_id connection::id() const noexcept {
  return shell::of(*this).number();
}

std::size_t connection::backlog_bytes() const noexcept {
  return shell::of(*this).reserved();
}

connection_stats connection::stats() const noexcept {
  return shell::of(*this).read_stats();
}

result<void> connection::post(std::move_only_function<void(connection&)> task) {
  return shell::of(*this).post_task(std::move(task));
}

result<timer> connection::after(std::chrono::milliseconds delay,
                                std::move_only_function<void(connection&)> call) {
  if (const std::error_code error = core::timed_task::check_delay(delay)) return std::unexpected{error};
  return shell::of(*this).schedule(delay, {}, std::move(call));
}

result<timer> connection::every(std::chrono::milliseconds period,
                                std::move_only_function<void(connection&)> call) {
  if (const std::error_code error = core::timed_task::check_period(period)) return std::unexpected{error};
  const auto kept = core::packed_period::unpack(core::packed_period::pack(period));
  return shell::of(*this).schedule(kept, kept, std::move(call));
}

void connection::attach(attachment object) noexcept {
  shell::of(*this).attach_object(std::move(object));
}

attachment connection::current_attachment() const noexcept {
  return shell::of(*this).attached_object();
}

result<void> connection::exchange_handlers(handlers own) {
  return shell::of(*this).exchange(std::make_shared<const handlers>(std::move(own)));
}

result<void> connection::exchange_handlers(std::shared_ptr<const handlers> shared) {
  return shell::of(*this).exchange(std::move(shared));
}

}  // namespace naru
