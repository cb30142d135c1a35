#include "runners/laboratory/results/dictionary.hpp"

#include "runners/laboratory/results/run_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard {
namespace {

ColumnsOfFile iterations_columns() {
  return {"iterations.csv",
          "a round: an update of z",
          {
              {"round", "", "its number, from 1"},
              {"virtual_s", "s", "when it was made, in the fleet's time: virtual on sim"},
              {"wall_s", "s", "when it was made, on this machine's clock, since the run began"},
              {"objective", "", "phi(z), or what kmeans minimises"},
              {"gap", "", "relative gap of phi(z) to the reference optimum (3.1)"},
              {"primal", "", "norm of the primal residual (2.5)"},
              {"dual", "", "norm of the dual residual (2.6)"},
              {"rho", "", "penalty of the tasks that were sent before it"},
              {"accepted", "reports", "taken into this update"},
              {"discarded", "reports", "thrown away since the update before"},
              {"staleness_max", "rounds", "largest of the accepted reports"},
              {"age_max", "rounds", "largest of all shards' contributions"},
              {"bytes_up", "B", "from workers to the coordinator since the update before"},
              {"bytes_down", "B", "from the coordinator to workers since the update before"},
              {"decode_rms", "", "codes: e, root mean square error of the shards' weights"},
              {"decode_error", "", "codes: largest error of a shard's weight"},
              {"decode_weight", "", "codes: mean weight of the shards"},
              {"disagreement", "",
               "gossip: how far the nodes' models are from their mean (section 10.3)"},
          }};
}

ColumnsOfFile workers_columns() {
  return {"workers.csv.gz",
          "a task, once its fate is known",
          {
              {"round", "", "the update that took it, or that was formed when its fate was known"},
              {"worker", "", "that it was sent to, from 0"},
              {"shard", "", "that it is of, from 0"},
              {"dispatched", "s", "when the coordinator sent it, in the fleet's time"},
              {"started", "s", "when the worker had it"},
              {"finished", "s", "when the worker had its report ready"},
              {"arrived", "s", "when the coordinator began to process the report"},
              {"compute", "s", "the worker computed"},
              {"pause", "s", "the platform kept the worker from computing"},
              {"idle", "s", "the worker had waited for it since its report before"},
              {"delay", "s", "from dispatched to arrived"},
              {"communication", "s", "delay - pause - compute"},
              {"queueing", "s", "idle - communication, at least 0"},
              {"passes", "sweeps", "over the nonzeros of its shard"},
              {"inner_iterations", "", "of the local solver"},
              {"dense_work", "", "on dense matrices, in nonzeros of a sweep that take as long"},
              {"staleness", "rounds", "of an accepted report"},
              {"outcome", "", "accepted, discarded, revoked, failed or unfinished"},
          }};
}

ColumnsOfFile fleet_columns() {
  return {"fleet.csv",
          "an incarnation: a worker from its invocation to its end",
          {
              {"worker", "", "from 0"},
              {"incarnation", "", "of this worker, from 1"},
              {"invoked", "s", "when it was invoked, in the fleet's time"},
              {"connected", "s", "when it had dialled in"},
              {"ready", "s", "when its shards were loaded"},
              {"ended", "s", "when it had ended; empty: it lived to the end of the run"},
              {"cold_start", "s", "ready - invoked"},
              {"cold", "", "1: a new container, 0: one that was there"},
              {"end", "", "how it ended"},
          }};
}

ColumnsOfFile per_worker_columns() {
  return {"per_worker.csv",
          "a worker; times are means over its tasks, or its starts",
          {
              {"worker", "", "from 0"},
              {"tasks", "", "that were sent to it"},
              {"compute", "s", "mean"},
              {"pause", "s", "mean"},
              {"idle", "s", "mean of what began after start-up"},
              {"delay", "s", "mean of what began after start-up"},
              {"communication", "s", "mean of what began after start-up"},
              {"queueing", "s", "mean of what began after start-up"},
              {"cold_start", "s", "mean from invocation to ready"},
              {"responsiveness", "", "share of rounds in which it was among the slowest tenth"},
              {"starts", "", "incarnations"},
              {"hand_overs", "", "planned ends, to make room for the next incarnation"},
              {"losses", "", "ends that were not planned"},
          }};
}

ColumnsOfFile solution_columns() {
  return {"solution.csv",
          "a feature",
          {{"feature", "", "its number, from 1"}, {"value", "", "of z after the last update"}}};
}

ColumnsOfFile models_columns() {
  return {"models.csv",
          "a feature of one of several models that take turns",
          {{"model", "", "its number, from 0"},
           {"feature", "", "its number, from 1"},
           {"value", "", "of the model's z after its last update"}}};
}

// Of the run and its end.
const std::vector<Column> kRunColumns = {
    {"schema", "", "of the run's folder"},
    {"id", "", "hash of all that decides the results"},
    {"status", "", "running, finished, interrupted or failed; running without a process: killed"},
    {"started", "UTC", "when the run began"},
    {"ended", "UTC", "when it ended"},
    {"exit_code", "", "of the program"},
    {"error", "", "of a run that failed: what it said"},
    {"host_cores", "", "of the machine that ran the coordinator"},
    {"numeric_revision", "", "raised when the same options give other iterates"},
    {"protocol", "", "who is waited for"},
    {"fleet", "", "where workers run"},
    {"workers", "", "W"},
    {"shards", "", "P"},
    {"seed", "", "of stragglers"},
    {"rounds", "", "updates of z"},
    {"converged", "", "the certified gap, or the gap asked for, was reached"},
    {"stop_reason", "", "why the run ended"},
    {"stop_detail", "", "more of it"},
    {"objective", "", "phi(z) at the end, or what kmeans minimises"},
    {"reference_objective", "", "phi*"},
    {"gap", "", "relative gap at the end (3.1)"},
    {"certified_gap", "", "relative gap to a proved bound of phi* (3.3)"},
    {"validation_loss", "", "mean loss over the rows held out, at the end"},
    {"kkt", "", "residual of optimality at the end (3.2)"},
    {"disagreement", "",
     "gossip: how far the nodes' models are from their mean, at the end (section 10.3)"},
    {"spectral_gap", "", "gossip: 1 - abs(lambda_2) of the mixing matrix (section 10.3)"},
    {"models", "", "sequential: what each of the models that take turns came to"},
    {"nonzeros", "", "of z"},
    {"primal_residual", "", "at the end (2.5); kmeans: the centres' last move"},
    {"dual_residual", "", "at the end (2.6)"},
    {"rho", "", "penalty at the end"},
    {"virtual_seconds", "s", "the fleet's time from start to stop: virtual on sim"},
    {"startup_seconds", "s", "of these, until every shard had a worker at work"},
    {"solving_seconds", "s", "the rest"},
    {"wall_seconds", "s", "the same on this machine's clock"},
    {"compute_seconds", "s", "that workers computed, all tasks together"},
    {"pause_seconds", "s", "that the platform kept them from it"},
    {"task_seconds", "s",
     "sim: tasks computed, on this machine's clock, in all threads; timed as the next is"},
    {"coordinator_seconds", "s",
     "contributions taken in and z made, on this machine's clock; of what takes less than a "
     "microsecond one in seven is timed"},
    {"objective_seconds", "s", "phi(z) and its bounds evaluated, on this machine's clock"},
    {"simulator_seconds", "s", "sim: all else that the thread of virtual time did"},
    {"simulator_overhead", "", "sim: simulator_seconds over the sum of the three before it"},
    {"bytes_up", "B", "from workers to the coordinator"},
    {"bytes_down", "B", "from the coordinator to workers"},
    {"tasks", "", "sent"},
    {"tasks_wasted", "", "that ended without being accepted"},
    {"tasks_capped", "", "that ended at their limit of inner iterations"},
    {"writes_lost", "", "siren: writes of others that an update had not seen, summed over updates"},
    {"passes", "sweeps", "over the whole data, by all workers together"},
    {"mean_seconds.compute", "s", "mean over tasks"},
    {"mean_seconds.pause", "s", "mean over tasks"},
    {"mean_seconds.idle", "s", "mean of what began after start-up"},
    {"mean_seconds.delay", "s", "mean of what began after start-up"},
    {"mean_seconds.communication", "s", "mean of what began after start-up"},
    {"mean_seconds.queueing", "s", "mean of what began after start-up"},
    {"mean_seconds.cold_start", "s", "mean over starts"},
    {"lives.starts", "", "incarnations of workers"},
    {"lives.hand_overs", "", "planned ends of them"},
    {"lives.losses", "", "ends of them that were not planned"},
    {"cost.requests", "", "invocations that began"},
    {"cost.estimated_gb_seconds", "GB s", "from the lives of the workers"},
    {"cost.billed_gb_seconds", "GB s", "as the service tells"},
    {"cost.unbilled_invocations", "", "of which the service told nothing"},
    {"cost.unbilled_gb_seconds", "GB s", "of those, by the coordinator's clock"},
    {"cost.dollars", "USD", "at list price"},
    {"decode_error", "", "codes: largest error of a shard's weight that was met"},
    {"decode_rms", "", "codes: largest e that was met"},
    {"decode_weight", "", "codes: mean weight of the shards that was farthest from 1"},
    {"condition_number", "", "coded: the largest met"},
    {"schedule_digest", "", "hash of who reported when"},
    {"iterate_digest", "", "hash of all iterates, bit for bit"},
};

// Of what it was made of and with.
const std::vector<Column> kRecordColumns = {
    {"fleet_model", "", "sim: its constants"},
    {"straggler", "", "the model in force"},
    {"data.name", "", "of the data"},
    {"data.samples", "", "N"},
    {"data.features", "", "d"},
    {"data.nonzeros", "", "of the matrix"},
    {"data.sha256", "", "of the uncompressed text; null if synthetic"},
    {"configuration.*", "", "every option in force; --config takes it from here"},
    {"notices", "", "what the user was told, a line each"},
    {"version", "", "of Laggard"},
    {"refused_connections.*", "", "how many were not let in, by reason"},
    {"problem_fingerprint", "", "equal for equal problems"},
    {"reference.kkt", "", "residual of optimality of the reference (3.2)"},
    {"reference.cached", "", "the reference was found in the cache"},
    {"resumed_round", "", "of the checkpoint that the run went on from"},
    {"plugin", "", "the library that the protocol is from"},
    {"masters", "", "threads of the coordinator that receive reports"},
    {"work_price.seconds_per_operation", "s", "sim: of a worker with one CPU"},
    {"work_price.vector_operations", "", "sim: passes over a vector an inner iteration"},
    {"work_price.task_overhead", "s", "sim: of every task"},
    {"work_price.full_cpu_memory_mb", "MB", "sim: memory that comes with one CPU"},
    {"argv", "", "the command line"},
    {"environment.compiler", "", "that built the program"},
    {"environment.flags", "", "of the compiler"},
    {"environment.build_type", "", "of CMake"},
    {"environment.libraries.*", "", "their versions"},
    {"environment.cpu", "", "of this machine"},
    {"environment.git_revision", "", "of the sources"},
};

ColumnsOfFile run_columns() {
  ColumnsOfFile run{"run.json", "one run", kRunColumns};
  run.columns.insert(run.columns.end(), kRecordColumns.begin(), kRecordColumns.end());
  return run;
}

// What `runner export` adds to the columns of the files.
ColumnsOfFile export_columns() {
  return {"export",
          "of `runs` a run, of other tables what it is in the file",
          {{"row", "", "the number of the run in the table of runs, from 0"},
           {"run", "", "id of the run"},
           {"folder", "", "of the run; in the table of runs, before the columns of run.json"},
           {"option.*", "", "the member of configuration of that name"}}};
}

// Those of run.json, and where the row is from.
ColumnsOfFile index_columns_of_file(const ColumnsOfFile& run) {
  ColumnsOfFile index{"index.sqlite", "a run: table `runs`, what `runner ls` prints", {}};
  index.columns = {{"path", "", "of the run's folder, relative to that of the index"},
                   {"modified", "ns", "when run.json was written, since 1970"},
                   {"size", "B", "of run.json"}};
  for (const IndexColumn& column : index_columns()) {
    const auto found = std::ranges::find(run.columns, column.member, &Column::name);
    if (found != run.columns.end())
      index.columns.push_back({column.name, found->unit, found->meaning});
    else
      index.columns.push_back({column.name, "", "what workers compute"});  // method, an option
  }
  return index;
}

std::vector<ColumnsOfFile> all_columns() {
  const ColumnsOfFile run = run_columns();
  return {run,
          iterations_columns(),
          workers_columns(),
          per_worker_columns(),
          fleet_columns(),
          solution_columns(),
          models_columns(),
          index_columns_of_file(run),
          export_columns()};
}

}  // namespace

std::span<const ColumnsOfFile> dictionary() {
  static const std::vector<ColumnsOfFile> all = all_columns();
  return all;
}

const ColumnsOfFile* columns_of(std::string_view file) {
  const auto all = dictionary();
  const auto found = std::ranges::find(all, file, &ColumnsOfFile::file);
  return found == all.end() ? nullptr : &*found;
}

std::string dictionary_page() {
  std::string page =
      "# Results\n\n"
      "What a run leaves in the folder of its `--output`, column by column. `runner columns` "
      "prints "
      "the same. Numbers in\nparentheses are equations of [mathematics.md](mathematics.md). A "
      "field "
      "without a value is empty in CSV and null in JSON.\n";
  for (const ColumnsOfFile& file : dictionary()) {
    page += fmt::format("\n## {}\n\nA row is {}.\n\n| column | unit | meaning |\n|---|---|---|\n",
                        file.file, file.rows);
    for (const Column& column : file.columns)
      page += fmt::format("| `{}` | {} | {} |\n", column.name, column.unit, column.meaning);
  }
  return page;
}

}  // namespace laggard
