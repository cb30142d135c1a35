// The worker as the bootstrap of a Lambda function.
#pragma once

#include <string>

namespace laggard {

// The bundle of certificates whom https sources are believed: `given`, or where it is empty the
// first that exists of Amazon Linux's and Debian's. Throws Error if `given` cannot be read.
std::string find_ca_file(const std::string& given);

// Serves invocations of the Runtime API at `address` until the platform ends the process. Returns
// the exit status.
int run_bootstrap(const std::string& address, const std::string& ca_file);

}  // namespace laggard
