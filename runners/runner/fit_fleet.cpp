#include "runners/runner/fit_fleet.hpp"

#include "core/io/error.hpp"
#include "core/results/worker_statistics.hpp"
#include "core/task/elementary.hpp"
#include "core/task/random.hpp"
#include "runners/runner/recorded_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

namespace laggard {
namespace {

using Values = std::vector<double>;

constexpr std::size_t kLeastGroups = 10;  // what intervals of 95 % can be told from
constexpr int kResamples = 100;           // of the bootstrap
constexpr int kSeedsOfPrediction = 5;
constexpr double kVectorOperations = 5;  // as in the fleet model lambda [math 9]
constexpr double kMostSigma = 3;         // that is searched

double quantile(Values values, double q) {
  const auto at = static_cast<std::size_t>(q * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(at), values.end());
  return values[at];
}

double mean(const Values& values) {
  return values.empty() ? 0
                        : std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size());
}

// ---- The computation of a task ----

struct Sample {
  double operations = 0, seconds = 0;
};

struct WorkFit {
  double price = 0, overhead = 0;
  double sigma = 0;        // of the lognormal factor
  bool is_beyond = false;  // no sigma up to kMostSigma tells the spread; 0 stands for it
};

// The price for an overhead of `ratio` operations, by medians, and what is left: the mean of
// abs(log(seconds / fit)). A factor of median 1 on the work moves no median.
struct Candidate {
  double price = 0, loss = kInfinity;
};
Candidate with_ratio(const std::vector<Sample>& samples, double ratio) {
  Values logs;
  for (const Sample& s : samples)
    logs.push_back(elementary::log(s.seconds / (s.operations + ratio)));
  const double middle = quantile(logs, 0.5);
  double loss = 0;
  for (const double value : logs) loss += std::abs(value - middle);
  return {elementary::exp(middle), loss / static_cast<double>(logs.size())};
}

// Tasks that ran at about the same time: what slows them all is no straggler.
using Groups = std::vector<std::vector<Sample>>;

std::vector<Sample> flatten(const Groups& groups) {
  std::vector<Sample> all;
  for (const auto& group : groups) all.insert(all.end(), group.begin(), group.end());
  return all;
}

// The sum over the groups of what the slowest task of each is expected to take, where the factors
// are lognormal of mean 1. `mean_price`: of an operation, the factor included.
double slowest(const Groups& groups, double overhead, double mean_price, double sigma) {
  constexpr int kReplicates = 8;
  double sum = 0;
  std::uint64_t draw = 0;
  for (int replicate = 0; replicate < kReplicates; ++replicate) {
    for (const auto& group : groups) {
      double most = 0;
      for (const Sample& s : group) {
        const double z = normal_quantile(uniform(2, Stream::bootstrap, draw++, 0));
        const double factor = elementary::exp(sigma * z - sigma * sigma / 2);
        most = std::max(most, overhead + mean_price * s.operations * factor);
      }
      sum += most;
    }
  }
  return sum / kReplicates;
}

// sigma such that the slowest of the tasks that ran together take as long as measured.
double sigma_of_slowest(const Groups& groups, double overhead, double mean_price) {
  double measured = 0;
  for (const auto& group : groups) {
    double most = 0;
    for (const Sample& s : group) most = std::max(most, s.seconds);
    measured += most;
  }
  double low = 0, high = kMostSigma;
  constexpr int kHalvings = 20;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (slowest(groups, overhead, mean_price, middle) < measured ? low : high) = middle;
  }
  return high < kMostSigma ? low : kInfinity;
}

// Of tasks of which none ran beside another: sigma such that they are as far from their mean as
// measured. E|f - 1| = 2 (2 Phi(sigma / 2) - 1) for a lognormal f of mean 1.
double sigma_over_time(const Groups& groups, double overhead, double mean_price) {
  double deviation = 0, computed = 0;
  for (const Sample& s : flatten(groups)) {
    deviation += std::abs(s.seconds - overhead - mean_price * s.operations);
    computed += mean_price * s.operations;
  }
  const double u = 0.5 + deviation / computed / 4;
  return u < 1 ? 2 * normal_quantile(u) : kInfinity;
}

// The straggler model and the price, such that the tasks take as long as measured on average, and
// the slowest of those that run together, too: that is what rounds consist of.
void spread(const Groups& groups, WorkFit& fit) {
  double seconds = 0, operations = 0;
  for (const Sample& s : flatten(groups)) {
    seconds += s.seconds - fit.overhead;
    operations += s.operations;
  }
  const double mean_price = seconds / operations;
  fit.is_beyond = true;           // then the price by medians stays
  if (!(mean_price > 0)) return;  // the overhead varies by more than the work takes
  const bool alone = std::all_of(groups.begin(), groups.end(),
                                 [](const auto& group) { return group.size() == 1; });
  const double sigma = alone ? sigma_over_time(groups, fit.overhead, mean_price)
                             : sigma_of_slowest(groups, fit.overhead, mean_price);
  fit.is_beyond = sigma > kMostSigma;
  if (fit.is_beyond) return;
  fit.sigma = sigma;
  fit.price = mean_price * elementary::exp(-fit.sigma * fit.sigma / 2);
}

// seconds = overhead + price x operations x factor.
WorkFit fit_work(const Groups& groups) {
  const std::vector<Sample> samples = flatten(groups);
  double largest = 0;
  for (const Sample& s : samples) largest = std::max(largest, s.operations);
  Candidate best = with_ratio(samples, 0);
  double ratio = 0;
  constexpr int kSteps = 120;
  for (int i = 0; i < kSteps; ++i) {  // from 1e-4 to 1e2 of the largest task's operations
    const double tried = largest * elementary::pow(10, -4 + 6.0 * i / (kSteps - 1));
    const Candidate candidate = with_ratio(samples, tried);
    // What all tasks of one size cannot tell is not overhead.
    if (candidate.loss < best.loss * (1 - 1e-3)) {
      best = candidate;
      ratio = tried;
    }
  }
  WorkFit fit;
  fit.price = best.price;
  fit.overhead = best.price * ratio;
  spread(groups, fit);
  return fit;
}

// ---- Intervals ----

std::pair<double, double> interval(const Values& values, double estimate) {
  return {std::min(estimate, quantile(values, 0.025)), std::max(estimate, quantile(values, 0.975))};
}

// The groups drawn anew, with replacement, kResamples times.
template <class Group>
void bootstrap(const std::vector<Group>& groups,
               const std::function<void(const std::vector<Group>&)>& use) {
  for (int i = 0; i < kResamples; ++i) {
    Draws draws(1, Stream::bootstrap, static_cast<std::uint64_t>(i));
    std::vector<Group> drawn;
    for (std::size_t k = 0; k < groups.size(); ++k)
      drawn.push_back(groups[draws.below(static_cast<std::uint32_t>(groups.size()))]);
    use(drawn);
  }
}

std::pair<double, double> interval_of_mean(const Values& values) {
  Values means;
  bootstrap<double>(values, [&](const Values& drawn) { means.push_back(mean(drawn)); });
  return interval(means, mean(values));
}

// ---- The way between coordinator and worker ----

// Seconds of the coordinator a message: after the last arrival before an update it handles that
// report, makes z and sends the tasks, as far as these were not all sent at one instant.
Values service_times(const RecordedRun& run) {
  Values dispatched, arrived, services;
  for (const RecordedTask& task : run.tasks) {
    if (!std::isnan(task.dispatched)) dispatched.push_back(task.dispatched);
    if (!std::isnan(task.arrived)) arrived.push_back(task.arrived);
  }
  std::sort(dispatched.begin(), dispatched.end());
  std::sort(arrived.begin(), arrived.end());
  for (const double at : run.updates) {
    const auto next = std::upper_bound(arrived.begin(), arrived.end(), at);
    if (next == arrived.begin()) continue;
    const double until = next == arrived.end() ? kInfinity : *next;
    const auto first = std::lower_bound(dispatched.begin(), dispatched.end(), at);
    const auto last = std::lower_bound(first, dispatched.end(), until);
    if (first == last) continue;
    double messages = 1;  // the report
    for (auto sent = first + 1; sent != last; ++sent)
      if (*sent > *(sent - 1)) ++messages;
    services.push_back((*(last - 1) - *(next - 1)) / messages);
  }
  return services;
}

double communication(const RecordedTask& task) {
  return (task.arrived - task.dispatched) - (task.finished - task.started);
}

// ---- The operations of a task ----

std::vector<double> nonzeros_of_workers_tasks(const RecordedRun& run, const Problem& problem) {
  const auto nonzeros = [&](ShardId p) {
    const Rows rows = problem.shard(p);
    return static_cast<double>(rows.nonzeros());
  };
  const ProtocolSetup& setup = run.config.setup;
  const auto shards_of = protocols().find(run.config.protocol.name)->second.shards_of;
  std::vector<double> all;
  for (const RecordedTask& task : run.tasks) {
    double sum = 0;
    if (!shards_of) sum = nonzeros(task.shard);
    // A protocol that places shards has each worker sum over all of its own.
    else
      for (const ShardId p : shards_of(task.worker, setup)) sum += nonzeros(p);
    all.push_back(sum);
  }
  return all;
}

// As many tasks together as there are workers, in the order in which they began.
Groups samples_of(const RecordedRun& run, const Problem& problem) {
  const std::vector<double> nonzeros = nonzeros_of_workers_tasks(run, problem);
  std::multimap<double, Sample> by_start;
  for (std::size_t i = 0; i < run.tasks.size(); ++i) {
    const RecordedTask& task = run.tasks[i];
    if (!task.complete) continue;
    const double operations = task.passes * nonzeros[i] +
                              kVectorOperations * task.inner_iterations * problem.features() +
                              task.dense_work;
    if (operations > 0)
      by_start.insert({task.started, {operations, task.finished - task.started - task.pause}});
  }
  const auto workers = static_cast<std::size_t>(run.config.fleet.workers);
  Groups groups;
  for (const auto& [started, sample] : by_start) {
    if (groups.empty() || groups.back().size() == workers) groups.emplace_back();
    groups.back().push_back(sample);
  }
  return groups;
}

// ---- Simulations of the recorded run ----

class Watch : public RunObserver {
 public:
  void on_round(const RoundRow& row) override {
    if (row.round == 1) first_update = to_seconds(row.at);
  }
  void on_task(const TaskRow& row) override { communication.add(times_of(row).communication); }

  double first_update = 0;
  MeanTime communication;  // of all tasks, as of those of the recording
};

struct Simulated {
  double seconds = 0, first_update = 0, communication = 0;
};

class Simulator {
 public:
  Simulator(RunConfig config, const Execute& execute, const std::atomic<bool>& interrupted)
      : config_(std::move(config)), execute_(execute), interrupted_(interrupted) {}

  Simulated run(const FleetModel& model, std::uint64_t seed) const {
    RunConfig config = config_;
    config.fleet.straggler.clear();
    apply(model, config.fleet);
    // Of the seed of the recording depends how a shuffle deals the rows.
    if (config.problem.sharding != Sharding::shuffle) config.fleet.seed = seed;
    Watch watch;
    const RunResult result = execute_(config, watch, interrupted_);
    if (interrupted_) throw Error("fit-fleet: interrupted");
    const MeanTime& way = watch.communication;
    return {result.summary.fleet_seconds, watch.first_update,
            way.count == 0 ? 0 : to_seconds(way.mean())};
  }

 private:
  RunConfig config_;
  const Execute& execute_;
  const std::atomic<bool>& interrupted_;
};

// ---- The model ----

class Maker {
 public:
  Maker(std::string name, std::string run) : run_(std::move(run)) {
    model_.name = std::move(name);
    model_.summary = "fitted to the run in " + run_;
    model_.constants = find_fleet_model("lambda", "fit-fleet").constants;
  }
  void set(std::string_view constant, double value, std::string source) {
    FleetConstant& c = at(constant);
    c.value = value;
    c.source = std::move(source);
  }
  void set(std::string_view constant, double value, std::pair<double, double> interval,
           const std::string& how) {
    set(constant, value, fmt::format("Fitted by runner fit-fleet to {}: {}", run_, how));
    at(constant).interval = interval;
  }
  FleetConstant& at(std::string_view constant) {
    return const_cast<FleetConstant&>(model_.at(constant));
  }
  FleetModel& model() { return model_; }

 private:
  FleetModel model_;
  std::string run_;
};

// Whether a straggler model tells how the tasks vary.
bool set_work(Maker& maker, const Groups& groups) {
  const WorkFit fit = fit_work(groups);
  Values prices, overheads, sigmas;
  bootstrap<std::vector<Sample>>(groups, [&](const Groups& drawn) {
    const WorkFit again = fit_work(drawn);
    prices.push_back(again.price);
    overheads.push_back(again.overhead);
    sigmas.push_back(again.is_beyond ? kMostSigma : again.sigma);
  });
  maker.set("seconds-per-operation", fit.price, interval(prices, fit.price),
            "computing times over operations; tasks that ran together were drawn together anew");
  maker.set("task-overhead", fit.overhead, interval(overheads, fit.overhead),
            "what does not grow with the operations");
  maker.set("full-cpu-memory", 128, "The share of a CPU is in seconds-per-operation.");
  FleetConstant& straggler = maker.at("straggler");
  if (fit.is_beyond) {
    straggler.spec = "none";
    straggler.source = fmt::format(
        "Not fitted: the tasks vary by more than any lognormal factor of sigma up to {} tells.",
        kMostSigma);
    return false;
  }
  const std::string sigma = fmt::format("{:.4g}", fit.sigma);
  straggler.spec = "lognormal:sigma=" + sigma;
  straggler.interval = interval(sigmas, std::stod(sigma));
  straggler.source =
      groups.front().size() == 1
          ? "Fitted as well: sigma such that the tasks of the one worker vary over time as measured"
          : "Fitted as well: sigma such that the slowest of the tasks that ran together took as "
            "long as measured";
  return true;
}

void set_network(Maker& maker, const RecordedRun& run) {
  const Values services = service_times(run);
  maker.set("service-seconds", mean(services),
            services.empty() ? std::pair(0.0, 0.0) : interval_of_mean(services),
            "from the last arrival before an update to the last task sent after it, for a message");
  maker.set("service-seconds-per-number", 0, "In service-seconds, for messages of this size.");
  maker.set("bandwidth", kInfinity, "In latency, for messages of this size.");
  maker.set("coordinator-bandwidth", kInfinity, "In service-seconds, for messages of this size.");
  maker.set("masters", 1, "The coordinator handles its messages on one thread.");
  maker.at("masters").unit = "1";
}

void set_starts(Maker& maker, const RecordedRun& run) {
  if (run.first_starts.empty()) {
    maker.set("cold-start", 0, "The workers of this run were there when it began.");
  } else {
    maker.set("cold-start", mean(run.first_starts), interval_of_mean(run.first_starts),
              "mean of the first starts, the loading of the shards included");
  }
  maker.set("invoke-rate", run.invoke_rate, "The configuration of the run.");
  maker.set("function-timeout", run.timeout, "The configuration of the run.");
}

// Half of what the mean communication has beyond that of a simulation without latency.
void set_latency(Maker& maker, const RecordedRun& run, const Simulator& simulator) {
  Values ways;
  for (const RecordedTask& task : run.tasks)
    if (task.complete) ways.push_back(communication(task));
  maker.set("latency", 0, {0, 0}, "not yet");
  const double queueing = simulator.run(maker.model(), run.config.fleet.seed).communication;
  const auto latency = [&](double way) { return std::max(0.0, (way - queueing) / 2); };
  const auto [low, high] = interval_of_mean(ways);
  maker.set("latency", latency(mean(ways)), {latency(low), latency(high)},
            "half of the mean communication beyond the queueing of a simulation without latency");
}

FleetPrediction predict(const RecordedRun& run, const FleetModel& model,
                        const Simulator& simulator) {
  Values seconds, rounds;
  for (int i = 0; i < kSeedsOfPrediction; ++i) {
    const Simulated one = simulator.run(model, static_cast<std::uint64_t>(i) + 1);
    seconds.push_back(one.seconds);
    rounds.push_back(one.seconds - one.first_update);
  }
  return {run.seconds, quantile(seconds, 0.5), run.seconds - run.updates.front(),
          quantile(rounds, 0.5)};
}

// ---- What the model does not know ----

void warn_of_pauses(FleetFit& fit, const RecordedRun& run) {
  std::size_t tasks = 0, paused = 0;
  double seconds = 0, pauses = 0;
  for (const RecordedTask& task : run.tasks) {
    if (std::isnan(task.started) || std::isnan(task.finished)) continue;
    ++tasks;
    paused += task.pause > 0;
    seconds += task.finished - task.started;
    pauses += task.pause;
  }
  fit.has_pauses = paused > 0;
  if (fit.has_pauses)
    fit.warnings.push_back(
        fmt::format("{} of {} tasks were paused by the platform, for {:.3g} % of their time; this "
                    "model has no pauses, and is faster than the run by what they took",
                    paused, tasks, 100 * pauses / seconds));
}

void warn_of_late_starts(FleetFit& fit, const RecordedRun& run) {
  constexpr double kMuchLater = 2;
  if (run.first_starts.empty()) return;
  const double usual = mean(run.first_starts);
  const double latest = *std::max_element(run.first_starts.begin(), run.first_starts.end());
  fit.has_late_starts = latest > kMuchLater * usual;
  if (fit.has_late_starts)
    fit.warnings.push_back(
        fmt::format("the latest start took {:.3g} s, the mean one {:.3g} s; this model has every "
                    "worker start in the mean, and waits for no late one",
                    latest, usual));
}

}  // namespace

FleetFit fit_fleet(const std::filesystem::path& directory, const std::string& name,
                   const Execute& execute, const std::atomic<bool>& interrupted) {
  const RecordedRun run = read_recorded_run(directory);
  RunObserver silent;
  const Problem problem = load_problem(run.config, silent);
  const Groups groups = samples_of(run, problem);
  if (groups.empty())
    throw Error(fmt::format("fit-fleet: {}: no task did any work; expected some nonzeros",
                            directory.string()));
  if (groups.size() < kLeastGroups)
    throw Error(
        fmt::format("fit-fleet: {}: {} too few to fit to; expected a run of at least {} "
                    "rounds",
                    directory.string(),
                    groups.size() == 1 ? "1 round of tasks is"
                                       : fmt::format("{} rounds of tasks are", groups.size()),
                    kLeastGroups));
  const Simulator simulator(run.config, execute, interrupted);
  Maker maker(name, fmt::format("a run on {} of {} workers", run.fleet, run.config.fleet.workers));
  FleetFit fit;
  if (!set_work(maker, groups))
    fit.warnings.push_back(
        fmt::format("the tasks vary by more than a lognormal factor of sigma up to {} tells; this "
                    "model has no stragglers, and its rounds are shorter than those of the run",
                    kMostSigma));
  set_network(maker, run);
  set_starts(maker, run);
  set_latency(maker, run, simulator);
  if (run.priced) maker.model().price = "lambda";
  warn_of_pauses(fit, run);
  warn_of_late_starts(fit, run);
  for (const auto& group : groups) fit.tasks += static_cast<std::int64_t>(group.size());
  fit.prediction = predict(run, maker.model(), simulator);
  maker.model().json = fleet_model_text(maker.model());
  fit.model = std::move(maker.model());
  return fit;
}

}  // namespace laggard
