// Fleets whose workers are processes: behind the embedded Lambda endpoint, on AWS, or started by
// hand.
#pragma once

#include "core/method/coordinator_half.hpp"
#include "core/problem/problem.hpp"
#include "core/schedule/fleet.hpp"
#include "core/wire/work.hpp"
#include "runners/runner/fleet_options.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace laggard {

// Checks all that can be checked before anything is started. work: who computes, from which rows;
// what the fleet and the problem say is filled in. placement: by worker, the shards that it loads.
// `notices` gets what a user must know, such as how to start external workers. Throws Error, also
// once `interrupted` is true, and FleetError for what lies with the service. `problem` must outlive
// the fleet.
std::unique_ptr<Fleet> make_process_fleet(const FleetOptions& fleet, Work work,
                                          const Problem& problem, const CoordinatorHalf& method,
                                          std::vector<std::vector<ShardId>> placement,
                                          std::vector<std::string>& notices,
                                          const std::atomic<bool>& interrupted);

}  // namespace laggard
