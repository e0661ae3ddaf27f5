#pragma once

#include <string>
#include <string_view>

namespace tarn {

/// Owned bytes. std::string, since RocksDB, OpenSSL, Arrow and sockets all speak char; nothing about it is text.
using Bytes = std::string;
/// Bytes owned by someone else, who outlives the view.
using ByteView = std::string_view;

}  // namespace tarn
