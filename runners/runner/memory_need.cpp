#include "runners/runner/memory_need.hpp"

#include "core/method/method.hpp"

namespace laggard {

double bytes_per_feature(const RunConfig& config) {
  // z and the z before it, their sums, phi's gradient and what is written at the end.
  constexpr double kOfTheRun = 6;
  constexpr double kOfAProcess = 4;  // z, what the worker answers, and their frames
  // What a report carries: the last one of each shard is kept, and one of each worker is on its
  // way.
  const double of_a_report = methods().at(config.method.name).traits.vectors_kept;
  double vectors = kOfTheRun + of_a_report * (config.setup.shards + config.fleet.workers);
  if (config.fleet.kind == FleetKind::local) vectors += kOfAProcess * config.fleet.workers;
  return vectors * config.method.vectors * sizeof(double);
}

}  // namespace laggard
