#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <naru/endpoint.hpp>
#include <naru/framing.hpp>
#include <naru/options.hpp>

#include "addresses.hpp"

namespace naru::program {

/// Arguments that cannot be right. The text is one line: what was wrong, and what would be right.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A value read from an argument, or what would have been right.
template <typename T>
using parsed = std::expected<T, std::string>;

/// An address of this machine: `127.0.0.1:7000`, `[::1]:7000`, `:7000`; port 0 takes a free one.
[[nodiscard]] parsed<endpoint> parse_listen_address(std::string_view text);
/// A host and a port, as `network::connect` takes them.
[[nodiscard]] parsed<std::string> parse_remote(std::string_view text);
[[nodiscard]] parsed<framing> parse_framing(std::string_view text);
[[nodiscard]] parsed<engine_kind> parse_engine(std::string_view text);
[[nodiscard]] parsed<std::uint64_t> parse_whole_number(std::string_view text, std::uint64_t least,
                                                       std::uint64_t most);
/// Seconds, with a fraction if wanted; more than none, at most a day.
[[nodiscard]] parsed<std::chrono::nanoseconds> parse_seconds(std::string_view text);

/// Adds an option whose value is read by `parse`. A value that cannot be read ends the parsing of the command
/// line with a usage_error that names option and value. `target` must outlive the parsing.
template <typename Target, typename Parse>
CLI::Option* add_parsed_option(CLI::App& app, const std::string& name, Target& target, Parse parse,
                               const std::string& value_name, const std::string& description) {
  const auto read = [name, &target, parse = std::move(parse)](const std::string& text) {
    auto value = parse(text);
    if (!value) throw usage_error{fmt::format("{} {}: {}", name, text, value.error())};
    target = std::move(*value);
  };
  return app.add_option_function<std::string>(name, read, description)->type_name(value_name);
}

/// The same for a whole number from `least` to `most`.
template <typename Target>
CLI::Option* add_number_option(CLI::App& app, const std::string& name, Target& target, std::uint64_t least,
                               std::uint64_t most, const std::string& value_name,
                               const std::string& description) {
  const auto parse = [least, most](std::string_view text) -> parsed<Target> {
    const auto value = parse_whole_number(text, least, most);
    if (!value) return std::unexpected{value.error()};
    return static_cast<Target>(*value);
  };
  return add_parsed_option(app, name, target, parse, value_name, description);
}

inline constexpr std::uint64_t workers_max = 1024;
inline constexpr std::uint64_t message_bytes_most = 0xffff'ffff;

CLI::Option* add_workers_option(CLI::App& app, unsigned& workers);
/// `--tcp` and `--udp`, each as often as wanted. `check_listen_addresses` refuses to go on with none.
void add_listen_options(CLI::App& app, std::vector<listen_address>& addresses);
void check_listen_addresses(const std::vector<listen_address>& addresses);
/// `--tcp` or `--udp`. `check_remote_address` refuses to go on with neither.
void add_remote_options(CLI::App& app, remote_address& remote);
void check_remote_address(const remote_address& remote);
CLI::Option* add_framing_option(CLI::App& app, framing& frames);
CLI::Option* add_max_message_option(CLI::App& app, std::size_t& max_message_bytes);

}  // namespace naru::program
