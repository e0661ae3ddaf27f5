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

}  // namespace tarn::http
