// What makes two runs the same run.
#pragma once

#include "runners/runner/config.hpp"

#include <string>
#include <string_view>

namespace laggard {

// Sixteen hexadecimal digits: a hash of every option that decides results, of the checksums of the
// data and of other files that the options name, of kNumericRevision and of kRunSchema. Where files
// lie, what is shown and where results go is no part of it. `config`: resolved. `data_sha256`: of
// the data's uncompressed text, empty if synthetic. Throws Error for a file that cannot be read.
std::string cell_id(const RunConfig& config, std::string_view data_sha256);

// For cell_id(), of a run that has not read its data; empty if synthetic. Throws Error.
std::string data_sha256(const RunConfig& config);

// Whether two runs that differ in this option alone may have other results.
bool decides_results(std::string_view option);

}  // namespace laggard
