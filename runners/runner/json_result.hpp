// A result as JSON.
#pragma once

#include "runners/runner/execute.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// The object of --json. virtual_seconds is the fleet's own time: virtual on sim, real on others.
boost::json::object result_json(const RunConfig& config, const RunResult& result);

// What run.json says of a run beside its result: what it takes to understand and repeat it.
struct RunRecord {
  std::string id;                      // cell_id()
  std::string started;                 // UTC, as in 2026-05-01T12:00:00Z
  std::vector<std::string> arguments;  // argv
};

// The object of run.json while the run goes on.
boost::json::object running_json(const RunConfig& config, const RunInfo& info,
                                 const RunRecord& record);
// That of a run with a result: what --json has, and the record. `ended` as `started` is.
boost::json::object ended_json(const RunConfig& config, const RunResult& result,
                               const RunRecord& record, const std::string& ended, int exit_code);
// That of a run that an error ended.
boost::json::object failed_json(const RunConfig& config, const RunInfo& info,
                                const RunRecord& record, const std::string& ended,
                                const std::string& error, int exit_code);

// The configuration as results show it: secrets within URLs are cut out.
boost::json::object shown_configuration(const RunConfig& config);
// Whether a value of a configuration is one that a secret was cut out of.
bool lacks_secret(std::string_view value);
// The constants of the fleet model that are no options; null on other fleets than sim.
boost::json::value work_price_json(const RunConfig& config);

}  // namespace laggard
