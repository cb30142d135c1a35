// A run as the command line that makes it.
#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace laggard {

// `runner --option value ...` with as few options as make `configuration` (that of run.json,
// without what is shown and kept), quoted for a shell. All of them where it cannot be resolved
// here, as without a plugin that it names.
std::string command_text(const boost::json::object& configuration);

}  // namespace laggard
