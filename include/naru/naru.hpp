#pragma once

/// All of naru. See network.hpp and connection.hpp first.

#include <naru/attachment.hpp>
#include <naru/bytes.hpp>
#include <naru/close_reason.hpp>
#include <naru/connection.hpp>
#include <naru/endpoint.hpp>
#include <naru/error.hpp>
#include <naru/export.hpp>
#include <naru/framing.hpp>
#include <naru/group.hpp>
#include <naru/handlers.hpp>
#include <naru/log.hpp>
#include <naru/message.hpp>
#include <naru/network.hpp>
#include <naru/options.hpp>
#include <naru/socket_id.hpp>
#include <naru/stats.hpp>
#include <naru/timer.hpp>
#include <naru/version.hpp>
