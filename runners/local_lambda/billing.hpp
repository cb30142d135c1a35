// What an invocation costs, as AWS documents it.
#pragma once

#include "core/task/types.hpp"

#include <string>

namespace laggard::local {

struct Usage {
  Time duration{};           // from the invocation's offer to its end
  Time init{};               // of a cold start; 0: the environment was warm
  double memory_mb = 0;      // configured
  double max_memory_mb = 0;  // resident, at most so far
  std::string status;        // "", "timeout" or "error"
  std::string error_type;    // with "error"
};

// Duration and initialisation together (as billed since August 2025), rounded up to a millisecond.
std::int64_t billed_ms(const Usage& usage);
// billed_ms times the memory in units of 1024 MB.
double billed_gb_seconds(const Usage& usage);
// The line that begins with REPORT, with its newline.
std::string report_line(const std::string& request_id, const Usage& usage);

}  // namespace laggard::local
