#pragma once

#include <cstddef>
#include <type_traits>

#include "async/thread_pool.h"
#include "catalog/manifest.h"

namespace tarn::catalog_api {

/// From here on putting a dataset into an answer takes about a millisecond: too long for an I/O thread.
inline constexpr std::size_t kManyObjects = 5'000;

/// Calls `render`, a function that answers a Result and never fails, on the pool when the manifest is large. Does not
/// fail either, since what the answer tells of has been committed: with the pool's queue full it is called right here.
template <class Render, class Rendered = std::invoke_result_t<Render&>>
Task<typename Rendered::value_type> render_off_thread_if_large(const catalog::Manifest& manifest,
                                                               async::ThreadPool& pool, Render render) {
  if (manifest.objects.size() < kManyObjects) co_return render();
  auto rendered = co_await async::offload(pool, render);
  if (!rendered) co_return render();
  co_return rendered;
}

}  // namespace tarn::catalog_api
