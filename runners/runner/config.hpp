// The resolved configuration of a run: the one struct behind the command line, --config files,
// results and fingerprints.
#pragma once

#include "core/io/option_spec.hpp"
#include "core/method/stopping.hpp"
#include "core/problem/sharding.hpp"
#include "core/problem/synthetic.hpp"
#include "core/task/precision.hpp"
#include "core/task/types.hpp"

#include <optional>
#include <string>
#include <vector>

namespace laggard {

enum class FleetKind { sim, threads, local, lambda, external };
// Whether its workers are processes that dial in.
inline bool has_processes(FleetKind fleet) { return fleet >= FleetKind::local; }
enum class Progress { automatic, lines, none };

// Defaults are part of the interface. Sizes and speeds may be infinite; nothing is NaN. Values
// that are empty here follow from others; resolve() fills them in, but for the shards.
struct RunConfig {
  // the run
  std::string protocol = "sync";  // its name
  std::string plugin;             // the library it is from, as given; empty: built in
  OptionValues protocol_options;
  FleetKind fleet = FleetKind::sim;
  int workers = 16;           // W
  std::optional<int> shards;  // P, if given
  int shard_count = 16;       // P, as the protocol settled it
  std::int64_t max_age = 1;   // of what an update uses, as the protocol settled it
  std::uint64_t seed = 1;     // stragglers and shuffling only

  // the problem
  std::string data;  // a file; empty: synthetic
  SyntheticSpec synthetic;
  std::optional<int> features;    // fixes d of a file
  std::string loss = "logistic";  // canonical specs
  std::string regularizer = "l1:1";
  Sharding sharding = Sharding::contiguous;

  // the method
  std::string method = "admm";  // its name
  std::string method_plugin;    // the library it is from, as given; empty: built in
  OptionValues method_options;
  Precision wire = Precision::f64;  // of z and x

  // the stop
  std::optional<StopRule> stop;               // default boyd; none if only a target gap is given
  double eps_primal = 2e-2, eps_dual = 2e-2;  // paper, absolute
  double eps_abs = 1e-5, eps_rel = 1e-4;      // boyd
  std::optional<double> target_gap;
  std::string reference = "none";  // none | auto | a number (phi*)
  int max_rounds = 1000;
  double time_limit = kInfinity;  // seconds, the fleet's own

  // the fleet
  std::string straggler;                  // default: lambda on sim, none on threads
  double latency = 0.5e-3;                // seconds, one way
  double bandwidth = 75e6;                // bytes a second, each worker
  double coordinator_bandwidth = 1.25e9;  // bytes a second, shared
  double service_seconds = 20e-6;         // a message
  double service_seconds_per_number = 1e-9;
  std::optional<int> masters;  // default ceil(W/64)
  double cold_start = 0.25;    // seconds; 0: all workers ready at once
  double invoke_rate = 100;    // a second
  double memory_mb = 1769;
  double function_timeout = 900;  // seconds an invocation may last; infinite: for ever

  // workers that are processes
  std::string worker;                      // the worker program; empty: the one beside this program
  std::string listen = "127.0.0.1:0";      // where they dial in; port 0: a free one
  std::string advertise;                   // what they dial; empty: `listen`
  bool plain = false;                      // --transport plain
  std::string shard_source = "auto";       // auto, coordinator, a file or a URL
  double start_timeout = 60;               // seconds, from invocation to ready
  std::string function, region, endpoint;  // of Lambda
  double max_usd = kInfinity;
  int concurrency = 1000;      // the local endpoint's limits
  double scaling_rate = 1000;  // new environments in 10 s
  std::string faults;          // on purpose, of the local endpoint
  std::string endpoint_log;    // of the local endpoint; empty: nowhere
  std::string emulator;        // the AWS Runtime Interface Emulator, behind the local endpoint
  std::string seats;           // external: the directory of the seat files

  std::vector<std::string> notices;  // for the user, one line each

  // what is shown and kept
  std::string output;
  std::string checkpoint;  // a directory; empty: none is kept
  int every = 10;          // rounds between two checkpoints
  std::string resume;      // the directory of the checkpoint to go on from; empty: from 0
  bool json = false, quiet = false, overwrite = false, print_config = false;
  Progress progress = Progress::automatic;
};

}  // namespace laggard
