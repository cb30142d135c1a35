// Where the workers of a run are, and what they are like there.
#pragma once

#include "core/lifecycle/function_options.hpp"
#include "core/lifecycle/lifecycle.hpp"
#include "runners/fleets/sim/sim_fleet.hpp"
#include "runners/launchers/lambda/invoke_launcher.hpp"
#include "runners/local_lambda/local_lambda.hpp"

#include <cstdint>
#include <string>

namespace laggard {

enum class FleetKind { sim, threads, local, lambda, external };
// Whether its workers are processes that dial in.
inline bool has_processes(FleetKind fleet) { return fleet >= FleetKind::local; }

// Workers that are processes.
struct ProcessOptions {
  std::string program;                 // of the worker; empty: the one beside this program
  std::string listen = "127.0.0.1:0";  // where they dial in; port 0: a free one
  std::string advertise;               // what they dial; empty: `listen`
  bool plain = false;                  // --transport plain
  std::string shard_source = "auto";   // auto, coordinator, a file or a URL
  std::string seats;                   // external: the directory of the seat files
};

// Of all kinds of fleets, so that one configuration may be tried on several. What the members' own
// types hold beside options of a run, such as the number of workers, is filled in by make_fleet().
struct FleetOptions {
  FleetKind kind = FleetKind::sim;
  int workers = 16;              // W
  std::uint64_t seed = 1;        // of stragglers and of shuffling, nothing else
  std::string model = "lambda";  // of sim: a name or a file
  std::string straggler;         // a spec; empty until resolved: of the model on sim, else none
  FunctionOptions function;
  SimOptions sim;
  ProcessOptions processes;
  LifecycleOptions lifecycle;
  LocalLambdaOptions local;
  InvokeOptions invoke;
};

}  // namespace laggard
