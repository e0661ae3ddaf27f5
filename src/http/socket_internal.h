#pragma once

#include <algorithm>
#include <array>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/bytes.h"

namespace tarn::http {

/// What operations are awaited with: no exception, no coroutine frame of their own.
constexpr auto kAwait = asio::as_tuple(asio::deferred);

/// Writes as much as a non-blocking socket takes at once, in one system call, and removes it from both views. No error
/// when it takes nothing now.
inline boost::system::error_code write_now(asio::ip::tcp::socket& socket, ByteView& first, ByteView& second) {
  boost::system::error_code error;
  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(first), asio::buffer(second)};
  const auto written = socket.write_some(buffers, error);
  if (error == asio::error::would_block) return {};
  const auto of_first = std::min(written, first.size());
  first.remove_prefix(of_first);
  second.remove_prefix(written - of_first);
  return error;
}

/// Whether the other end is this same socket: what TCP makes of a connect to a port of this machine where nobody
/// listens, when the system happens to pick that port for the near end too (simultaneous open, RFC 9293 section 3.5).
/// The server of that port could then not bind it any more.
inline bool is_connected_to_itself(const asio::ip::tcp::socket& socket) {
  boost::system::error_code local_error;
  boost::system::error_code remote_error;
  const auto local = socket.local_endpoint(local_error);
  const auto remote = socket.remote_endpoint(remote_error);
  return !local_error && !remote_error && local == remote;
}

}  // namespace tarn::http
