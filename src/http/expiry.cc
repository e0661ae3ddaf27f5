#include <algorithm>
#include <chrono>

#include "http/expiry_internal.h"

namespace tarn::http {
namespace {

/// Limits closer together than this share one firing.
constexpr std::chrono::milliseconds kGranularity{10};

}  // namespace

void ExpiryWatch::add(Item& item) {
  item.index_ = items_.size();
  items_.push_back(&item);
}

void ExpiryWatch::remove(Item& item) {
  Item* const last = items_.back();
  items_[item.index_] = last;
  last->index_ = item.index_;
  items_.pop_back();
}

void ExpiryWatch::arm(TimePoint time) {
  armed_ = time;
  timer_.expires_at(time);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
    if (!cancelled) self->expire();
  });
}

void ExpiryWatch::expire() {
  const auto now = std::chrono::steady_clock::now();
  // A wait that had already fired when arm() replaced it comes here too: the newer one is replaced in turn, below.
  armed_ = TimePoint::max();
  auto earliest = TimePoint::max();
  for (Item* const item : items_) {
    if (item->expiry_ <= now) {
      item->expiry_ = TimePoint::max();
      item->on_expired();
    }
    earliest = std::min(earliest, item->expiry_);
  }
  if (earliest != TimePoint::max()) arm(std::max(earliest, now + kGranularity));
}

}  // namespace tarn::http
