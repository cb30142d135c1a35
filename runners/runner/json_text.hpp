// JSON as text that people can read.
#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace laggard {

// `value` on several lines, two spaces an indent, arrays of scalars on one line, in the order of
// insertion; no newline at the end. Numbers are in their shortest form that reads back the same;
// those that are not finite are null.
std::string json_text(const boost::json::value& value);

}  // namespace laggard
