#include "arguments.hpp"

#include <charconv>
#include <cmath>
#include <optional>
#include <system_error>

namespace naru::program {

namespace {

constexpr std::string_view address_example = "as in 127.0.0.1:7000 or [::1]:7000";

template <typename Number>
std::optional<Number> read_number(std::string_view text) {
  Number value{};
  const auto* end = text.data() + text.size();
  const auto [stopped_at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped_at != end) return std::nullopt;
  return value;
}

/// Says what is wrong with an address that the library refused, which itself says only that it is.
std::string address_fault(std::string_view text, unsigned least_port, std::string_view host_rule) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return fmt::format("the port is missing: an address and a port are needed, {}", address_example);
  }
  const auto port = read_number<std::uint32_t>(text.substr(colon + 1));
  if (!port || *port < least_port || *port > 65535) return fmt::format("the port is {} to 65535", least_port);
  const auto host = text.substr(0, colon);
  if (host.contains(':') && !host.starts_with('['))
    return "an IPv6 address stands in brackets, as in [::1]:7000";
  return fmt::format("{}, {}", host_rule, address_example);
}

}  // namespace

parsed<endpoint> parse_listen_address(std::string_view text) {
  if (const auto address = endpoint::parse(text)) return *address;
  return std::unexpected{address_fault(text, 0, "an IP address of this machine is needed, not a name")};
}

parsed<std::string> parse_remote(std::string_view text) {
  if (host_port::parse(text)) return std::string{text};
  return std::unexpected{address_fault(text, 1, "a host is needed before the port")};
}

parsed<framing> parse_framing(std::string_view text) {
  if (text == "length") return framing::length_prefix();
  if (text == "raw") return framing::raw();
  if (text == "lines") return framing::lines();
  return std::unexpected{std::string{"the framing is length, raw or lines"}};
}

parsed<engine_kind> parse_engine(std::string_view text) {
  if (text == "auto") return engine_kind::automatic;
  if (text == "epoll") return engine_kind::epoll;
  if (text == "iocp") return engine_kind::iocp;
  return std::unexpected{std::string{"the engine is auto, epoll or iocp"}};
}

parsed<std::uint64_t> parse_whole_number(std::string_view text, std::uint64_t least, std::uint64_t most) {
  const auto value = read_number<std::uint64_t>(text);
  if (value && *value >= least && *value <= most) return *value;
  return std::unexpected{fmt::format("a whole number from {} to {} is needed", least, most)};
}

parsed<std::chrono::nanoseconds> parse_seconds(std::string_view text) {
  constexpr double least = 1e-3;
  constexpr double most = 24 * 60 * 60;
  const auto value = read_number<double>(text);
  // Compared this way round, not-a-number is refused as well.
  if (value && *value >= least && *value <= most) {
    return std::chrono::nanoseconds{std::llround(*value * 1e9)};
  }
  return std::unexpected{fmt::format("a number of seconds from {} to {} is needed", least, most)};
}

CLI::Option* add_workers_option(CLI::App& app, unsigned& workers) {
  return add_number_option(app, "--workers", workers, 1, workers_max, "N",
                           "Worker threads (default: one per core)");
}

namespace {

void add_listen_option(CLI::App& app, transport over, std::vector<listen_address>& addresses) {
  const std::string name{option_of(over)};
  const auto read = [name, over, &addresses](const std::vector<std::string>& texts) {
    for (const auto& text : texts) {
      const auto address = parse_listen_address(text);
      if (!address) throw usage_error{fmt::format("{} {}: {}", name, text, address.error())};
      addresses.push_back({over, *address});
    }
  };
  const auto description = fmt::format(
      "Where to listen over {}; port 0 takes a free one; may be given several times", name_of(over));
  app.add_option_function<std::vector<std::string>>(name, read, description)
      ->type_name("ADDR:PORT")
      ->allow_extra_args(false);
}

CLI::Option* add_remote_option(CLI::App& app, transport over, remote_address& remote) {
  const auto parse = [over](std::string_view text) -> parsed<remote_address> {
    auto address = parse_remote(text);
    if (!address) return std::unexpected{address.error()};
    return remote_address{over, std::move(*address)};
  };
  return add_parsed_option(app, std::string{option_of(over)}, remote, parse, "HOST:PORT",
                           fmt::format("Where to connect to over {}", name_of(over)));
}

}  // namespace

void add_listen_options(CLI::App& app, std::vector<listen_address>& addresses) {
  add_listen_option(app, tcp, addresses);
  add_listen_option(app, udp, addresses);
}

void check_listen_addresses(const std::vector<listen_address>& addresses) {
  if (addresses.empty()) throw usage_error{"an address is needed: --tcp ADDR:PORT, --udp ADDR:PORT, or both"};
}

void add_remote_options(CLI::App& app, remote_address& remote) {
  auto& over_tcp = *add_remote_option(app, tcp, remote);
  add_remote_option(app, udp, remote)->excludes(&over_tcp);
}

void check_remote_address(const remote_address& remote) {
  if (remote.at.empty()) throw usage_error{"an address is needed: --tcp HOST:PORT or --udp HOST:PORT"};
}

CLI::Option* add_framing_option(CLI::App& app, framing& frames) {
  return add_parsed_option(app, "--framing", frames, parse_framing, "FRAMING",
                           "length, raw or lines (default: length, 4 bytes before each message)");
}

CLI::Option* add_max_message_option(CLI::App& app, std::size_t& max_message_bytes) {
  return add_number_option(app, "--max-message", max_message_bytes, 1, message_bytes_most, "BYTES",
                           "The largest message (default: 1 MiB)");
}

}  // namespace naru::program
