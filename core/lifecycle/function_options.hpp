// A function on Lambda, as it is configured and invoked.
#pragma once

#include "core/task/types.hpp"

#include <chrono>

namespace laggard {

struct FunctionOptions {
  double memory_mb = 1769;  // its share of a CPU grows with its memory; this much is one CPU
  Time timeout = std::chrono::seconds(900);  // an invocation lasts at most so long
  double invoke_rate = 100;                  // invocations a second, over the fleet
};

}  // namespace laggard
