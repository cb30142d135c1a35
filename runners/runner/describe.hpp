// Runs and results in words, for people.
#pragma once

#include "core/task/events.hpp"
#include "runners/runner/execute.hpp"

#include <cstdint>
#include <string>

namespace laggard {

// Lines that say what is about to run: problem, protocol, fleet, stopping rule, reference.
std::string header_text(const RunConfig& config, const RunInfo& info);

// "converged after 42 rounds: the rule boyd holds".
std::string stop_text(const RunConfig& config, const Summary& summary);

// The lines of a summary after the first.
std::string summary_text(const RunConfig& config, const RunResult& result);

std::string table_heading();
std::string table_row(const RoundRow& row);  // below the heading
std::string plain_row(const RoundRow& row);  // name=value, full precision

std::string bytes_text(std::int64_t bytes);         // "1.25 MB"
std::string seconds_text(double seconds);           // "350 us", "12.3 s"; "-" if not finite
std::string number_text(double value, int digits);  // "-" if not finite

}  // namespace laggard
