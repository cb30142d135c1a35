// A result as JSON.
#pragma once

#include "runners/runner/execute.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace laggard {

// The object of --json. virtual_seconds is the fleet's own time: virtual on sim, real on others.
boost::json::object result_json(const RunConfig& config, const RunResult& result);

// The object of run.json: the same and what it takes to understand and repeat the run.
boost::json::object run_json(const RunConfig& config, const RunResult& result,
                             const std::vector<std::string>& arguments);

}  // namespace laggard
