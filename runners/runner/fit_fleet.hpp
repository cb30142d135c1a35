// A fleet model from what a recorded run took.
#pragma once

#include "runners/runner/execute.hpp"
#include "runners/runner/fleet_model.hpp"

#include <filesystem>

namespace laggard {

// What the model makes of the run that it was fitted to, and what that run took: seconds of the
// fleet's time. The start is over with the first update.
struct FleetPrediction {
  double measured = 0, predicted = 0;                // from the start to the end
  double measured_rounds = 0, predicted_rounds = 0;  // from the first update on
};

struct FleetFit {
  FleetModel model;
  std::int64_t tasks = 0;             // that it rests on
  std::vector<std::string> warnings;  // of what the run has, and the model cannot have
  bool has_pauses = false, has_late_starts = false;  // the run: so the prediction is of less
  FleetPrediction prediction;
};

// From the results of a run in `directory` (--output). Runs the recorded configuration on sim to
// tell the latency from queueing, and with some seeds to predict the run. Throws Error for a folder
// that is no result, or for a run without times.
FleetFit fit_fleet(const std::filesystem::path& directory, const std::string& name,
                   const Execute& execute, const std::atomic<bool>& interrupted);

}  // namespace laggard
