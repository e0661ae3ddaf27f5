#pragma once

#include <string>

#include <gtest/gtest.h>

#include "base/result.h"

namespace tarn {

/// For tests: fails with the error where there is one.
template <class T>
void expect_ok(const Result<T>& result) {
  EXPECT_TRUE(result.has_value()) << to_string(result.error());
}

/// For tests: "ok", or code and reason of the error: one string, so that a mismatch says what came instead.
template <class T>
std::string outcome(const Result<T>& result) {
  if (result) return "ok";
  std::string text(to_string(result.error().code));
  if (!result.error().reason.empty()) text += "/" + std::string(result.error().reason);
  return text;
}

}  // namespace tarn
