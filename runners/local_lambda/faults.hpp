// Faults of invocations, on request.
#pragma once

#include "runners/local_lambda/local_lambda.hpp"

#include <optional>

namespace laggard::local {

// The times count from when the worker was given the invocation.
struct Fate {
  bool slow_start = false, duplicate = false, ghost = false, throttle = false, server_error = false;
  std::optional<Time> crash, kill, stall, drop;
};

// A pure function of the faults and the invocation's number.
Fate draw_fate(const LocalFaults& faults, std::uint64_t invocation);

// "kill after 1.20 s, duplicate"; empty: it has none.
std::string to_text(const Fate& fate);

}  // namespace laggard::local
