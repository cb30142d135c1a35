// `runner doctor`: is everything there that a fleet on Lambda needs?
#pragma once

#include "runners/launchers/lambda/credentials.hpp"
#include "runners/launchers/lambda/doctor_network.hpp"

#include <string>
#include <vector>

namespace laggard {

struct DoctorOptions {
  std::string function, region, endpoint;  // as the options of runner
  Doors doors;
  int workers = 1;
  bool probe = false;  // invoke the function once, for well under a cent
  EnvironmentVariables environment = process_environment();
  const std::atomic<bool>* stop = nullptr;  // true: examine() throws an Error
};

struct Finding {
  enum class Verdict { ok, warning, failure } verdict = Verdict::ok;
  std::string text;  // one line: what was looked at, what was found, and the remedy
};

// Looks at everything, as far as it gets: what a failure makes pointless is left out. Within a
// minute.
std::vector<Finding> examine(const DoctorOptions& options);

// A line each, "ok", "warn" or "FAIL" first.
std::string to_text(const std::vector<Finding>& findings);
bool is_healthy(const std::vector<Finding>& findings);  // no failure

}  // namespace laggard
