// Runs what a configuration asks for.
#pragma once

#include "core/problem/problem.hpp"
#include "core/results/summary.hpp"
#include "core/schedule/fleet.hpp"
#include "runners/runner/config.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// What is known of a run before its first round.
struct RunInfo {
  // Of one of several models that take turns.
  struct Model {
    std::string regularizer;            // canonical
    double reference_objective = kNaN;  // phi*; NaN without a reference
  };
  std::string data_name;
  std::int64_t samples = 0;   // N
  int features = 0;           // d
  std::int64_t nonzeros = 0;  // of the data
  std::string data_sha256;    // of the uncompressed text; empty if synthetic
  std::string problem_fingerprint;
  int workers = 0;  // W
  int shards = 0;   // P
  int masters = 0;
  std::string straggler;              // canonical spec of the model in force
  double reference_objective = kNaN;  // phi*; NaN without a reference
  double reference_kkt = kNaN;        // [math 3.2] at the reference solution; NaN if phi* was given
  bool reference_cached = false;
  std::vector<Model> models;         // where they differ in h; reference_* are not known then
  int resumed_round = 0;             // of the checkpoint that the run goes on from; 0: none
  std::vector<std::string> notices;  // for the user, one line each
};

// An observer that is told, besides, how a run is prepared. Same thread as Observer.
class RunObserver : public Observer {
 public:
  // A step of the preparation that may take long begins, e.g. "reading data/a9a.svm.gz".
  virtual void on_phase(std::string_view) {}
  // The fleet of the run, just before on_start(). It may be looked at while the observer is told of
  // something, until the run has ended.
  virtual void on_fleet(const Fleet&) {}
  // Once, after all that can be refused has been checked and before the first row. What it throws
  // ends the run before it starts.
  virtual void on_start(const RunInfo&) {}
};

struct RunResult {
  RunInfo info;
  Summary summary;
  std::string complaint;  // what went wrong beside the run, to be told after its results; one line
};

// The problem that `config`, which must be resolved, describes; its rows in the order of the
// shards. Throws Error.
Problem load_problem(const RunConfig& config, RunObserver& observer);

// Throws Error if phi comes to less than the number that --reference gave as its least: by more
// than the last digits of one that was copied. `where`: of that phi.
void check_reference(const RunConfig& config, double objective, std::string_view where);

// Runs `config`, which must be resolved; tells `observer` everything. Ends soon, with stop reason
// interrupted, once `interrupted` is true. Throws Error before the run starts for whatever the
// user can mend, Deadlock for a protocol that waits for nothing.
RunResult execute(const RunConfig& config, RunObserver& observer,
                  const std::atomic<bool>& interrupted);

// Its type, for whoever is to be tested without running anything.
using Execute = std::function<RunResult(const RunConfig&, RunObserver&, const std::atomic<bool>&)>;

}  // namespace laggard
