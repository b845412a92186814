#pragma once

#include <naru/endpoint.hpp>
#include <naru/error.hpp>
#include <naru/options.hpp>

#include "engine/platform.hpp"

namespace naru::engine {

/// `platform::bind_stream` and `platform::bind_datagrams`. [any]
[[nodiscard]] result<bound_socket> bind_stream_socket(const endpoint& local, const bind_options& options);
[[nodiscard]] result<bound_datagrams> bind_datagram_sockets(const endpoint& local,
                                                            const bind_options& options, unsigned count);

}  // namespace naru::engine
