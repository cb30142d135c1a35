#include "methods/sgd/sgd.hpp"

#include "core/io/error.hpp"
#include "core/method/plugin.hpp"
#include "core/problem/vector_ops.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace laggard {
namespace {

enum Scalar { kEpoch, kBatch, kScalars };  // of a task
enum Told { kValue, kRows };               // of a report

struct Place {
  std::int64_t epoch, batch;
};

Place place_of(const Task& task) {
  LAGGARD_ASSERT(task.scalars.size() == kScalars, "a task that is none of sgd");
  return {static_cast<std::int64_t>(task.scalars[kEpoch]),
          static_cast<std::int64_t>(task.scalars[kBatch])};
}

}  // namespace

std::int64_t BatchGradient::nonzeros(const Task& task) const {
  const auto [epoch, batch] = place_of(task);
  if (task.parts.empty()) return batches_.nonzeros(task.shard, epoch, batch);
  std::int64_t sum = 0;
  for (const Part& part : task.parts) sum += batches_.nonzeros(part.shard, epoch, batch);
  return sum;
}

bool BatchGradient::add(const Task& task, const Part& part, Span sum, Span scalars,
                        Workspace& scratch, const std::atomic<bool>&) const {
  const auto [epoch, number] = place_of(task);
  const Batch batch = batches_.of(part.shard, epoch, number);
  if (batch.count == 0) return true;
  const auto rows = static_cast<double>(batch.count);
  const double share = plain_ ? part.coefficient / rows : part.coefficient;
  scalars[kValue] +=
      share * add_gradient({part.shard, share}, view(*task.z), sum, scratch, batch.only());
  scalars[kRows] += part.coefficient * rows;
  return true;
}

Sgd::Sgd(const Regularizer& regularizer, const WorkerHalf& worker, int shards,
         const SgdOptions& options)
    : regularizer_(regularizer),
      worker_(worker),
      options_(options),
      report_(std::make_shared<ReportShape>(ReportShape{{worker.features()}, 2})),
      shards_(static_cast<std::size_t>(shards)),
      sum_(shards, worker.features(), 1),
      z_(std::make_shared<const Vector>(Vector::Zero(worker.features()))) {}

void Sgd::form(Task& task) const {
  task.z = z_;
  task.report = report_;
  task.precision = options_.precision;
  const std::int64_t t =
      options_.asynchronous ? shards_[static_cast<std::size_t>(task.shard)].taken : k_;
  task.scalars = {static_cast<double>(t / options_.batches),
                  static_cast<double>(t % options_.batches)};
  task.nonzeros = worker_.nonzeros(task);
}

void Sgd::accept(const Task& task, Contribution contribution) {
  ShardState& shard = shards_[static_cast<std::size_t>(task.shard)];
  shard.rows = contribution.scalars.at(kRows);
  shard.epoch = place_of(task).epoch;
  ++shard.taken;
  shard.fresh = true;
  sum_.set(task.shard, 1, std::make_shared<const Vector>(std::move(contribution.vectors.at(0))));
}

void Sgd::accept_sum(const Task&, Contribution sum) {
  decoded_ = std::move(sum);
  for (ShardState& shard : shards_) {
    ++shard.taken;
    shard.fresh = true;
  }
}

Sgd::Sum Sgd::sum_up(bool fresh_alone) {
  const auto n = static_cast<double>(options_.samples);
  const auto weight = [&](double shards, double rows) {
    if (options_.plain) return n / shards;
    return rows > 0 ? n / rows : 0.0;
  };
  if (decoded_) {
    const Contribution sum = *std::exchange(decoded_, std::nullopt);
    return {sum.vectors.at(0), weight(shards(), std::round(sum.scalars.at(kRows)))};
  }
  double count = 0, rows = 0;
  for (ShardId p = 0; p < shards(); ++p) {
    const ShardState& shard = shards_[static_cast<std::size_t>(p)];
    const bool counts = fresh_alone ? shard.fresh : shard.accepted();
    count += counts;
    rows += counts ? shard.rows : 0;
    if (!counts) sum_.leave_out(p);
  }
  LAGGARD_ASSERT(count > 0, "an update over no gradient at all");
  return {sum_.total(), weight(count, rows)};
}

// The smallest of the new contributions.
std::int64_t Sgd::epoch() const {
  if (!options_.asynchronous) return k_ / options_.batches;
  std::int64_t smallest = std::numeric_limits<std::int64_t>::max();
  for (const ShardState& shard : shards_)
    if (shard.fresh) smallest = std::min(smallest, shard.epoch);
  return smallest;
}

Residuals Sgd::update(Absent absent) {
  const auto is_fresh = [](const ShardState& shard) { return shard.fresh; };
  const bool all = std::all_of(shards_.begin(), shards_.end(), is_fresh);
  LAGGARD_ASSERT(absent == Absent::left_out || options_.asynchronous || all,
                 "an update with a gradient of an earlier batch");
  const double eta = options_.step.at(epoch());
  const auto n = static_cast<double>(options_.samples);
  const Sum sum = sum_up(absent == Absent::left_out || options_.fresh);
  ++k_;
  Vector slope = sum.weight * sum.gradient;
  const bool smooth = regularizer_.smooth_curvature().has_value();
  if (smooth) regularizer_.add_gradient(view(*z_), view(slope));
  Vector z = *z_ - eta * (slope / n);
  if (!smooth) regularizer_.prox(view(z), eta / n, view(z));
  round_to(options_.precision, z);
  z_ = std::make_shared<const Vector>(std::move(z));
  Residuals out;
  out.primal = norm(view(slope));
  out.all_accepted = std::all_of(shards_.begin(), shards_.end(),
                                 [](const ShardState& shard) { return shard.accepted(); });
  for (ShardState& shard : shards_) shard.fresh = false;
  return out;
}

void Sgd::persist(StateArchive& archive) {
  archive.value(k_);
  archive.shared(z_);
  for (ShardState& shard : shards_) {
    archive.value(shard.rows);
    archive.value(shard.taken);
    archive.value(shard.epoch);
  }
  sum_.persist(archive);
}

namespace {

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> all = minibatch_options();
  all.push_back({.name = "gradients",
                 .type = OptionType::choice,
                 .choices = {"latest", "fresh"},
                 .default_text = "latest",
                 .help = "async: an update is over the latest gradients of all shards, or over the "
                         "new ones alone, as a parameter server has it"});
  return all;
}

// Of one shard all gradients are new under async too, and a row of runs may come to that.
void prepare(MethodSetup& setup) {
  settle_minibatch_options(setup);
  if (text_value(setup.values, "gradients") == "fresh" && setup.max_age <= 1 && setup.shards > 1)
    throw Error(
        "--gradients: fresh has no effect where every update has new gradients of all shards; "
        "expected latest, or --protocol async");
}

bool is_plain(const OptionValues& values) { return text_value(values, "weights") == "plain"; }

std::unique_ptr<const WorkerHalf> worker(const Problem& problem, const OptionValues& values,
                                         Precision precision) {
  return std::make_unique<BatchGradient>(problem, batch_options(values), is_plain(values),
                                         precision);
}

std::unique_ptr<CoordinatorHalf> coordinator(const CoordinatorSetup& setup) {
  const SgdOptions options = {.step = StepSchedule(setup.values),
                              .batches = batches_an_epoch(setup),
                              .samples = setup.problem.data->samples(),
                              .plain = is_plain(setup.values),
                              .asynchronous = setup.max_age > 1,
                              .fresh = text_value(setup.values, "gradients") == "fresh",
                              .precision = setup.precision,
                              .advice = [problem = setup.problem, late = setup.max_age > 1] {
                                return late ? "" : stable_over_batches(problem);
                              }};
  return std::make_unique<Sgd>(*setup.problem.regularizer, setup.worker, setup.problem.shards,
                               options);
}

}  // namespace

LAGGARD_METHOD({
    .name = "sgd",
    .summary = "stochastic gradient steps: a batch of every shard an update (GA-SGD)",
    .source = "docs/mathematics.md 11.3; Jiang et al., SIGMOD 2021 (LambdaML)",
    .options = options(),
    .traits = {.additive = true,
               .sums_rows = true,
               .one_point = true,
               .may_leave_out = true,
               .any_age = true,
               .noisy = true,
               .takes_kinks = true},
    .prepare = prepare,
    .worker = worker,
    .coordinator = coordinator,
})

}  // namespace laggard
