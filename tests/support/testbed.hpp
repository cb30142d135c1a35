// A run in a few lines: what a test changes, and what it gets back.
#pragma once

#include "core/method/method.hpp"
#include "core/problem/svmlight.hpp"
#include "core/problem/synthetic.hpp"
#include "core/schedule/run.hpp"
#include "runners/fleets/sim/sim_fleet.hpp"
#include "runners/fleets/threads/thread_fleet.hpp"
#include "tests/support/methods.hpp"

#include <functional>
#include <string>
#include <vector>

namespace laggard::testing {

// With no network costs and no cold start a task takes what the straggler model says; with these it
// is a fleet of functions.
inline NetworkOptions function_network() {
  return {.latency = 0.5e-3,
          .bandwidth = 75e6,
          .coordinator_bandwidth = 1.25e9,
          .service_seconds = 20e-6,
          .service_seconds_per_number = 1e-9,
          .masters = 1};
}

inline WorkPrice price_of_work() {
  return {.seconds_per_operation = 3e-9,
          .vector_operations = 5,
          .task_overhead = 1e-3,
          .full_cpu_memory_mb = 1769};
}

inline Problem load(const std::string& name, int shards, const std::string& loss = "logistic",
                    const std::string& regularizer = "l1:1", std::optional<int> features = {}) {
  Problem problem;
  problem.loss = make_loss(loss);
  problem.regularizer = make_regularizer(regularizer);
  problem.shards = shards;
  const ReadOptions options{.features = features,
                            .classification = problem.loss->is_classification()};
  problem.data = std::make_shared<Dataset>(
      read_svmlight(std::string(LAGGARD_DATA_DIR) + "/" + name + ".svm.gz", options));
  return problem;
}

inline Problem synthetic(const std::string& spec, int shards, const std::string& loss = "logistic",
                         const std::string& regularizer = "l1:1") {
  Problem problem;
  problem.loss = make_loss(loss);
  problem.regularizer = make_regularizer(regularizer);
  problem.shards = shards;
  problem.data = std::make_shared<Dataset>(make_synthetic(parse_synthetic(spec), 2));
  return problem;
}

inline SessionOptions at_most_rounds(int rounds) {
  SessionOptions options;
  options.max_rounds = rounds;
  return options;
}

struct Testbed {
  Problem problem;
  int workers = 1;
  std::string straggler = "none";
  std::uint64_t seed = 1;
  SessionOptions session = at_most_rounds(1000);
  NetworkOptions network;
  double cold_start = 0;
  double function_timeout = kInfinity;
  std::vector<Time> load;  // of each worker's shards
  std::vector<std::vector<ShardId>> placement;
  std::vector<double> references;  // of models that solve problems of their own; empty: unknown
  std::string method = "admm";
  OptionValues method_options;  // of the method; defaults where not given
  Precision precision = Precision::f64;
  const WorkerHalf* half = nullptr;   // in place of the method's own
  std::optional<std::string> resume;  // a state to go on from
  std::function<std::unique_ptr<Fleet>(const OptionValues& settled)>
      fleet;  // in place of sim and threads

  struct Outcome : Observer {
    Summary summary;
    std::vector<RoundRow> rounds;
    std::vector<TaskRow> tasks;
    void on_round(const RoundRow& row) override { rounds.push_back(row); }
    void on_task(const TaskRow& row) override { tasks.push_back(row); }
  };

  std::unique_ptr<Fleet> sim(const WorkerHalf& worker_half) const {
    SimOptions options;
    options.workers = workers;
    options.work = price_of_work();
    options.network = network;
    options.threads = 2;
    options.cold_start = cold_start;
    options.load = load;
    options.placement = placement;
    options.function.timeout = from_seconds(function_timeout);
    return std::make_unique<SimFleet>(options, worker_half,
                                      make_straggler(straggler, seed, workers));
  }
  std::unique_ptr<Fleet> threads(const WorkerHalf& worker_half) const {
    return std::make_unique<ThreadFleet>(workers, worker_half,
                                         make_straggler(straggler, seed, workers));
  }

  Outcome run(const Protocol& protocol, bool on_threads = false) const {
    static const std::atomic<bool> never{false};
    ProtocolSetup setup;
    setup.workers = workers;
    setup.shards = problem.shards;
    setup.shards_given = true;
    setup.method = method;
    setup.traits = methods().at(method).traits;
    setup.values = session.protocol_options;
    settle_options(protocol, setup);
    SessionOptions settled = session;
    settled.protocol_options = setup.values;
    const OptionValues of_method =
        laggard::testing::settled(method, method_options, problem, setup.max_age, setup.one_by_one);
    const MethodHalves both = make_halves(methods().at(method), problem, of_method, precision,
                                          setup.max_age, 2, setup.models);
    const WorkerHalf& worker_half = half ? *half : *both.worker;
    const std::unique_ptr<Fleet> used = fleet        ? fleet(of_method)
                                        : on_threads ? threads(worker_half)
                                                     : sim(worker_half);
    Outcome outcome;
    const Problem& first = both.problems.empty() ? problem : *both.problems.front();
    if (!references.empty()) settled.reference = references.front();
    Run run(*used, first, *both.coordinator, settled, outcome, never);
    for (std::size_t m = 1; m <= both.others.size(); ++m) {
      if (both.problems.empty()) {
        run.add_model(*both.others[m - 1]);
        continue;
      }
      std::optional<double> phi;
      if (!references.empty()) phi = references[m];
      run.add_model(*both.others[m - 1], *both.problems[m], phi);
    }
    if (resume) run.resume(*resume);
    outcome.summary = run.run(protocol);
    return outcome;
  }
  Outcome run(const std::string& protocol, bool on_threads = false) const {
    return run(protocols().at(protocol), on_threads);
  }
};

}  // namespace laggard::testing
