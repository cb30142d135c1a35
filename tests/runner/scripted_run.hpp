// A run whose outcome is written down: what the command line does with a run, without one.
#pragma once

#include "runners/runner/app.hpp"

#include <sstream>
#include <string>
#include <vector>

namespace laggard {

inline RoundRow scripted_row(int round, double rho = 1) {
  RoundRow row;
  row.round = round;
  row.at = Time(round * 1'000'000LL);
  row.wall_seconds = round * 0.5;
  row.objective = 100 + 1.0 / round;
  row.gap = 1.0 / round;
  row.primal = 0.1;
  row.dual = kInfinity;
  row.rho = rho;
  row.accepted = 4;
  return row;
}

inline RunResult scripted_result(int rounds) {
  RunResult result;
  result.info.data_name = "toy";
  result.info.samples = 30;
  result.info.features = 2;
  result.info.nonzeros = 45;
  result.info.data_sha256 = "00ff";
  result.info.problem_fingerprint = "f00d";
  result.info.workers = 4;
  result.info.shards = 4;
  result.info.masters = 1;
  result.info.straggler = "lambda";
  result.info.reference_objective = 100;
  result.info.reference_kkt = 1e-11;
  result.info.notices = {"labels 0 and 1 became -1 and +1"};
  Summary& summary = result.summary;
  summary.stop = StopReason::converged;
  summary.rounds = rounds;
  summary.last = scripted_row(rounds);
  summary.certified_gap = 0.5;
  summary.kkt = 0.25;
  summary.nonzeros = 1;
  summary.z = Vector::Constant(2, 0.1);
  summary.fleet_seconds = 0.1 + 0.2;
  summary.startup_seconds = 0.1;
  summary.compute_seconds = 0.75;
  summary.wall_seconds = 2;
  summary.tasks = 4 * rounds;
  summary.schedule_digest = 0xabc;
  summary.iterate_digest = 0xffffffffffffffff;
  return result;
}

// Tells `result` and the rows 1 .. rounds; rho doubles at round `new_rho`.
inline Execute scripted(RunResult result, int new_rho = 0) {
  return [=](const RunConfig&, RunObserver& observer, const std::atomic<bool>&) {
    observer.on_phase("reading toy");
    observer.on_start(result.info);
    for (int k = 1; k <= result.summary.rounds; ++k) {
      observer.on_round(scripted_row(k, new_rho > 0 && k >= new_rho ? 2 : 1));
      TaskRow task;
      task.round = k;
      observer.on_task(task);
    }
    return result;
  };
}

// What a call of the program prints and returns.
struct Printed {
  int code = -1;
  std::string out;
  std::string err;
};

struct Terminal {
  bool out = false;
  bool err = false;
  bool colour = false;
  bool can_rewrite = false;
  int columns = 80;
};

inline Printed call(std::vector<std::string> arguments, const Execute& execute,
                    Terminal terminal = {}, bool is_interrupted = false) {
  std::ostringstream out, err;
  const Console console{out,
                        err,
                        terminal.out,
                        terminal.err,
                        terminal.colour,
                        terminal.can_rewrite,
                        terminal.columns};
  std::atomic<bool> interrupted{is_interrupted};
  arguments.insert(arguments.begin(), "runner");
  Printed printed;
  printed.code = run_app(arguments, console, execute, interrupted);
  printed.out = out.str();
  printed.err = err.str();
  return printed;
}

}  // namespace laggard
