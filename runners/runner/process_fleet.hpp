// Fleets whose workers are processes: behind the embedded Lambda endpoint, on AWS, or started by
// hand.
#pragma once

#include "core/method/coordinator_half.hpp"
#include "core/problem/problem.hpp"
#include "core/schedule/fleet.hpp"
#include "runners/runner/config.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace laggard {

// Checks all that can be checked before anything is started. placement: by worker, the shards that
// it loads. `notices` gets what a user must know, such as how to start external workers. Throws
// Error, also once `interrupted` is true, and FleetError for what lies with the service. `problem`
// must outlive the fleet.
std::unique_ptr<Fleet> make_process_fleet(const RunConfig& config, const Problem& problem,
                                          const CoordinatorHalf& method,
                                          std::vector<std::vector<ShardId>> placement,
                                          std::vector<std::string>& notices,
                                          const std::atomic<bool>& interrupted);

}  // namespace laggard
