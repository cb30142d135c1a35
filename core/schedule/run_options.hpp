// What a run is asked for, beside its problem, method, protocol and fleet.
#pragma once

#include "core/io/option_spec.hpp"
#include "core/method/stopping.hpp"
#include "core/task/types.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace laggard {

struct SessionOptions {
  Stopping stopping;
  std::optional<double> target_gap;   // needs `reference`
  std::optional<double> reference;    // phi*
  std::optional<double> target_loss;  // of the rows held out; needs some
  // Limits: the run ends at the first update that reaches one of them.                    [math 2]
  std::optional<int> max_rounds;
  std::optional<std::int64_t> max_tasks;
  double max_passes = kInfinity;  // over the whole data
  Time time_limit = kForever;     // the fleet's own time
  int threads = 1;                // for phi(z_k), where that is evaluated on the spot
  bool timing_only = false;       // nothing is minimised, and rows have no objective
  OptionValues protocol_options;
  // Given the state after every `checkpoint_every` rounds, and after an update that ends the run.
  std::function<void(int round, std::string state)> checkpoint;
  int checkpoint_every = 1;
};

}  // namespace laggard
