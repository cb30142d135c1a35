// The resolved configuration of a run: the one struct behind the command line, --config files,
// results and fingerprints.
#pragma once

#include "core/io/option_spec.hpp"
#include "core/problem/sharding.hpp"
#include "core/problem/synthetic.hpp"
#include "core/schedule/protocol.hpp"
#include "core/schedule/run_options.hpp"
#include "core/task/precision.hpp"
#include "runners/runner/fleet_options.hpp"

#include <optional>
#include <string>
#include <vector>

namespace laggard {

struct ProblemOptions {
  std::string data;  // a file; empty: synthetic
  SyntheticSpec synthetic;
  std::optional<int> features;    // fixes d of a file
  std::string loss = "logistic";  // canonical specs
  std::string regularizer = "l1:1";
  std::optional<Sharding> sharding;  // if given
  std::uint64_t shuffle_seed = 1;
  std::optional<double> validation;  // the share of the rows that are held out, if any
  std::uint64_t validation_seed = 1;
};

struct ProtocolChoice {
  std::string name = "sync";
  std::string plugin;  // the library it is from, as given; empty: built in
};

struct MethodChoice {
  std::string name = "admm";
  std::string plugin;
  OptionValues options;
  OptionValues usual;  // what they would be if none was given
  double vectors = 1;  // of length d that z is
};

enum class Progress { automatic, lines, none };

// What is shown and kept.
struct OutputOptions {
  std::string directory;
  std::string checkpoint;    // a directory; empty: none is kept
  int every = 10;            // rounds between two checkpoints
  std::string resume;        // the directory of the checkpoint to go on from; empty: from 0
  std::string trace;         // a file; empty: none is written
  std::optional<int> serve;  // the port of the live view, if there is one; 0: a free one
  bool json = false, quiet = false, overwrite = false, print_config = false;
  bool go_on_without_files = false;  // where --output cannot be written any more
  Progress progress = Progress::automatic;
};

// Defaults are part of the interface; each is written in the struct that it belongs to. Sizes and
// speeds may be infinite; nothing is NaN. Values that are empty here follow from others; resolve()
// fills them in.
struct RunConfig {
  ProtocolChoice protocol;
  std::optional<int> shards;  // P, if given
  ProtocolSetup setup;        // P, the protocol's options and what else it settled
  ProblemOptions problem;
  MethodChoice method;
  Precision wire = Precision::f64;  // of z and x
  SessionOptions session;           // stopping rules and limits; the rest is the run's affair
  std::string reference = "none";   // none | auto | a number (phi*)
  FleetOptions fleet;
  OutputOptions output;
  std::vector<std::string> notices;  // for the user, one line each
};

}  // namespace laggard
