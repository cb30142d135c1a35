// Runs and results in words, for people.
#pragma once

#include "core/task/events.hpp"
#include "runners/runner/execute.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace laggard {

// Lines that say what is about to run. No line here is over 80 columns, where words allow.
std::string header_text(const RunConfig& config, const RunInfo& info);

// "converged after 42 rounds: the rule boyd holds"; without an end of the last line.
std::string stop_text(const RunConfig& config, const Summary& summary);

// The lines of a summary after the first.
std::string summary_text(const RunConfig& config, const RunResult& result);

// Rows of a run, whose decimals stand below each other.
class RoundTable {
 public:
  explicit RoundTable(bool with_gap = true) : with_gap_(with_gap) {}
  std::string heading() const;
  std::string row(const RoundRow& row);

 private:
  std::string objective_text(double value);

  bool with_gap_;
  std::optional<int> decimals_;  // of the objective: its first value has ten digits
};

std::string bytes_text(std::int64_t bytes);         // "1.25 MB"
std::string seconds_text(double seconds);           // "350 us", "12.3 s"; "-" if not finite
std::string number_text(double value, int digits);  // "-" if not finite

}  // namespace laggard
