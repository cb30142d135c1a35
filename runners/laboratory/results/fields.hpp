// What run.json tells, by name.
#pragma once

#include "core/task/types.hpp"
#include "runners/laboratory/results/index.hpp"

#include <string>
#include <string_view>

namespace laggard {

// NaN if there is no such number.
double number_field(const boost::json::object& object, std::string_view key);

// Empty if there is none.
const boost::json::object& configuration_of(const StoredRun& run);

// A value as a command line takes it; empty for null.
std::string option_text(const boost::json::value& value);
// Of the run's configuration; empty if that has none of that name.
std::string option_text(const StoredRun& run, std::string_view name);

}  // namespace laggard
