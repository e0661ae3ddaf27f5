#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>

#include <boost/asio/buffer.hpp>

#include "async/task.h"
#include "base/bytes.h"

namespace tarn::http {

/// What was read from a socket and not used yet, in one piece of fixed memory. Views of it hold until the next
/// prepare(), grow() or shrink().
class ReadBuffer {
 public:
  explicit ReadBuffer(std::size_t capacity) : memory_(new char[capacity]), capacity_(capacity) {}

  ByteView unread() const { return {memory_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t size) {
    TARN_ASSERT(size <= end_ - begin_);
    begin_ += size;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  bool is_full() const { return end_ - begin_ == capacity_; }
  std::size_t capacity() const { return capacity_; }
  /// Where to read to; empty only when is_full(). Room at the front is won back when little is left at the end.
  asio::mutable_buffer prepare() {
    const bool is_cheap = end_ - begin_ <= begin_ && capacity_ - end_ < capacity_ / 4;
    if (begin_ > 0 && (is_cheap || end_ == capacity_)) {
      std::memmove(memory_.get(), memory_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    return {memory_.get() + end_, capacity_ - end_};
  }
  void commit(std::size_t size) { end_ += size; }

  /// At least `capacity` from now on.
  void grow(std::size_t capacity) {
    if (capacity > capacity_) move_to(capacity);
  }
  /// Back to `capacity`, where what is unread fits.
  void shrink(std::size_t capacity) {
    if (capacity < capacity_ && end_ - begin_ <= capacity) move_to(capacity);
  }

 private:
  void move_to(std::size_t capacity) {
    std::unique_ptr<char[]> memory(new char[capacity]);
    const auto size = end_ - begin_;
    if (size > 0) std::memcpy(memory.get(), memory_.get() + begin_, size);
    memory_ = std::move(memory);
    capacity_ = capacity;
    begin_ = 0;
    end_ = size;
  }

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace tarn::http
