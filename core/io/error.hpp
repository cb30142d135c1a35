// Errors that a user can mend, and assertions that stay on in release builds.
#pragma once

#include <stdexcept>
#include <string>

namespace laggard {

// Bad configuration, input or environment. The message is one line that names the option or
// file:line:column, the value, and what was expected. Programs print it and exit with status 2.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The workers cannot be had: credentials, function, quota, network. Programs exit with status 4.
struct FleetError : Error {
  using Error::Error;
};

// A protocol waits for a report although nothing is in flight that could bring one.
struct Deadlock : std::logic_error {
  using std::logic_error::logic_error;
};

// A broken invariant of the program itself.
struct InvariantViolation : std::logic_error {
  using std::logic_error::logic_error;
};

[[noreturn]] void fail_invariant(const char* condition, const char* file, int line,
                                 const std::string& details);

}  // namespace laggard

// Checks an invariant in every build. `details` is evaluated only on failure.
#define LAGGARD_ASSERT(condition, details)                                                  \
  do {                                                                                      \
    if (!(condition)) ::laggard::fail_invariant(#condition, __FILE__, __LINE__, (details)); \
  } while (false)
