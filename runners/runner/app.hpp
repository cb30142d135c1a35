// The program: from arguments to an exit code.
#pragma once

#include "runners/runner/console.hpp"
#include "runners/runner/execute.hpp"

#include <atomic>
#include <string>
#include <vector>

namespace laggard {

enum ExitCode : int {
  kExitSuccess = 0,    // converged, or the target gap was reached, or the rule of --stop holds
  kExitUsage = 2,      // bad usage, input or environment
  kExitLimit = 3,      // stopped at a limit
  kExitFleet = 4,      // the fleet failed, or there was too little memory
  kExitDiverged = 5,   // diverged, or not finite
  kExitOutput = 6,     // results or checkpoints could not be kept
  kExitInternal = 70,  // a defect of the program
  kExitInterrupted = 130,
};

ExitCode exit_code(StopReason stop);

// Runs `config` and tells of it; `argv` goes into run.json. Returns the exit code. Throws Error.
int run_configuration(const RunConfig& config, const std::vector<std::string>& argv,
                      const Console& console, const Execute& execute,
                      std::atomic<bool>& interrupted);

// `arguments`: all of argv. `interrupted` may become true at any time; what was computed until then
// is printed and kept. It is made true here where files cannot be written any more. Throws nothing.
int run_app(const std::vector<std::string>& arguments, const Console& console,
            const Execute& execute, std::atomic<bool>& interrupted);

}  // namespace laggard
