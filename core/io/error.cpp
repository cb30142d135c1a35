#include "core/io/error.hpp"

#include <fmt/format.h>

#include <string_view>

namespace laggard {

void fail_invariant(const char* condition, const char* file, int line, const std::string& details) {
  // Without the folders: they are those of the machine that built it.
  const std::string_view path(file);
  throw InvariantViolation(fmt::format("{}:{}: {} does not hold: {}",
                                       path.substr(path.rfind('/') + 1), line, condition, details));
}

}  // namespace laggard
