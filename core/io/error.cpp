#include "core/io/error.hpp"

#include <fmt/format.h>

namespace laggard {

void fail_invariant(const char* condition, const char* file, int line, const std::string& details) {
  throw InvariantViolation(
      fmt::format("{}:{}: {} does not hold: {}", file, line, condition, details));
}

}  // namespace laggard
