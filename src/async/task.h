#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/result.h"

namespace tarn {

namespace asio = boost::asio;

/// A lazy coroutine that ends in a value or an Error. It starts when awaited, and resumes on the executor it was
/// spawned on. It never throws: whoever calls throwing code inside one catches there.
template <class T = void>
using Task = asio::awaitable<Result<T>>;

}  // namespace tarn
