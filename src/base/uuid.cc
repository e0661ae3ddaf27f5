#include "base/uuid.h"

#include <algorithm>

#include "base/digest.h"
#include "base/encoding.h"

namespace tarn {
namespace {

constexpr std::uint16_t kMaxSequence = 0x0fff;
constexpr std::size_t kRandomBytes = 8;  // rand_b

void set_version(Uuid& uuid, unsigned version) {
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | (version << 4));
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
}

}  // namespace

std::string Uuid::to_string() const {
  const std::string digits = hex_encode(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text.push_back('-');
    text.push_back(digits[i]);
  }
  return text;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string digits;
  digits.reserve(32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_hyphen_place = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_hyphen_place != (text[i] == '-')) return std::nullopt;
    if (!is_hyphen_place) digits.push_back(text[i]);
  }
  const auto raw = hex_decode(digits);
  if (!raw) return std::nullopt;
  Uuid uuid;
  std::copy(raw->begin(), raw->end(), reinterpret_cast<char*>(uuid.bytes.data()));
  return uuid;
}

Uuid uuid_v5(const Uuid& name_space, std::string_view name) {
  Digest sha1(DigestAlgorithm::kSha1);
  sha1.update(std::string_view(reinterpret_cast<const char*>(name_space.bytes.data()), name_space.bytes.size()));
  sha1.update(name);
  const Bytes hash = sha1.finish();
  Uuid uuid;
  std::copy_n(hash.begin(), uuid.bytes.size(), reinterpret_cast<char*>(uuid.bytes.data()));
  set_version(uuid, 5);
  return uuid;
}

UuidV7Generator::UuidV7Generator(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

Uuid UuidV7Generator::next() {
  Uuid uuid;
  const std::int64_t now = std::chrono::floor<std::chrono::milliseconds>(clock_.now()).time_since_epoch().count();
  std::int64_t milliseconds = 0;
  std::uint16_t sequence = 0;
  {
    const std::lock_guard lock(mutex_);
    if (now > last_milliseconds_) {
      last_milliseconds_ = now;
      sequence_ = 0;
    } else if (sequence_ < kMaxSequence) {
      ++sequence_;
    } else {
      ++last_milliseconds_;  // 4,096 in one millisecond: borrow from the next
      sequence_ = 0;
    }
    milliseconds = last_milliseconds_;
    sequence = sequence_;
    if (unused_random_.size() < kRandomBytes) {
      random_.fill(random_bytes_);
      unused_random_ = random_bytes_;
    }
    std::ranges::copy(unused_random_.first(kRandomBytes), uuid.bytes.end() - kRandomBytes);
    unused_random_ = unused_random_.subspan(kRandomBytes);
  }
  for (int i = 0; i < 6; ++i)
    uuid.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(milliseconds >> (8 * (5 - i)));
  uuid.bytes[6] = static_cast<std::uint8_t>(sequence >> 8);
  uuid.bytes[7] = static_cast<std::uint8_t>(sequence & 0xff);
  set_version(uuid, 7);
  return uuid;
}

}  // namespace tarn
