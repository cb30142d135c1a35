#include "methods/local_sgd/local_sgd.hpp"

#include "core/io/error.hpp"
#include "core/method/plugin.hpp"
#include "core/method/smooth_mean.hpp"
#include "core/problem/vector_ops.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace laggard {
namespace {

// Of a task.
enum Scalar { kEpoch, kFirst, kCount, kEta, kLambda, kSamples, kMadeBy, kScalars };

std::int64_t integer_of(const Task& task, Scalar scalar) {
  LAGGARD_ASSERT(task.scalars.size() == kScalars, "a task that is none of local_sgd");
  return static_cast<std::int64_t>(task.scalars[scalar]);
}

}  // namespace

Contribution LocalSgdWalk::compute(const Task& task, Workspace& scratch,
                                   const std::atomic<bool>& stop) const {
  const std::int64_t epoch = integer_of(task, kEpoch), first = integer_of(task, kFirst);
  const std::int64_t count = integer_of(task, kCount);
  const double n = task.scalars[kSamples];
  Vector x = *task.z;
  const Span gradient = sized(scratch.of_method[0], view(x).size());
  Contribution out;
  for (std::int64_t b = first; b < first + count; ++b) {
    out.stopped = stop.load(std::memory_order_relaxed);
    if (out.stopped) break;
    const Batch batch = batches_.of(task.shard, epoch, b);
    if (batch.count == 0) continue;
    std::fill(gradient.begin(), gradient.end(), 0.0);
    add_gradient({task.shard, 1}, view(x), gradient, scratch, batch.only());
    take_step(view(x), task.scalars[kEta], n / static_cast<double>(batch.count), gradient,
              task.scalars[kLambda], n);
  }
  round_to(precision(), x);
  out.vectors.push_back(std::move(x));
  out.passes = kPasses;
  out.inner_iterations = count;
  return out;
}

std::int64_t LocalSgdWalk::nonzeros(const Task& task) const {
  const std::int64_t first = integer_of(task, kFirst);
  std::int64_t sum = 0;
  for (std::int64_t b = first; b < first + integer_of(task, kCount); ++b)
    sum += batches_.nonzeros(task.shard, integer_of(task, kEpoch), b);
  return sum;
}

LocalSgd::LocalSgd(const WorkerHalf& worker, const LocalSgdOptions& options)
    : worker_(worker),
      options_(options),
      report_(std::make_shared<ReportShape>(ReportShape{{worker.features()}, 0})),
      shards_(options.weight.size()),
      sum_(static_cast<int>(options.weight.size()), worker.features(), 0),
      z_(std::make_shared<const Vector>(Vector::Zero(worker.features()))) {}

void form_walk(Task& task, const LocalSgdOptions& options, std::int64_t t, SharedVector z,
               std::int64_t made_by) {
  const std::int64_t stretches = (options.batches + options.stretch - 1) / options.stretch;
  const std::int64_t epoch = t / stretches, first = t % stretches * options.stretch;
  const std::int64_t count = std::min(options.stretch, options.batches - first);
  task.z = std::move(z);
  task.precision = options.precision;
  task.scalars.resize(kScalars);
  task.scalars[kEpoch] = static_cast<double>(epoch);
  task.scalars[kFirst] = static_cast<double>(first);
  task.scalars[kCount] = static_cast<double>(count);
  task.scalars[kEta] = options.step.at(epoch);
  task.scalars[kLambda] = options.lambda;
  task.scalars[kSamples] = static_cast<double>(options.samples);
  task.scalars[kMadeBy] = static_cast<double>(made_by);
}

void LocalSgd::form(Task& task) const {
  form_walk(task, options_, k_, z_, k_);
  task.report = report_;
  task.nonzeros = worker_.nonzeros(task);
}

void LocalSgd::accept(const Task& task, Contribution contribution) {
  const auto p = static_cast<std::size_t>(task.shard);
  shards_[p] = {true, true};
  sum_.set(task.shard, options_.weight[p],
           std::make_shared<const Vector>(std::move(contribution.vectors.at(0))));
}

Residuals LocalSgd::update(Absent absent) {
  ++k_;
  for (ShardId p = 0; p < shards() && absent == Absent::left_out; ++p)
    if (!shards_[static_cast<std::size_t>(p)].fresh) sum_.leave_out(p);
  const bool all = std::all_of(shards_.begin(), shards_.end(),
                               [](const ShardState& shard) { return shard.fresh; });
  Vector z = sum_.total();
  // Whoever is left out, or has not come yet, counts nothing; all weigh 1 together.
  if (!all) z /= sum_.total_weight();
  round_to(options_.precision, z);
  Residuals out;
  out.primal = std::sqrt(squared_distance(view(z), view(*z_)));
  out.all_accepted = std::all_of(shards_.begin(), shards_.end(),
                                 [](const ShardState& shard) { return shard.accepted; });
  z_ = std::make_shared<const Vector>(std::move(z));
  for (ShardState& shard : shards_) shard.fresh = false;
  return out;
}

void LocalSgd::persist(StateArchive& archive) {
  archive.value(k_);
  archive.shared(z_);
  for (ShardState& shard : shards_) archive.value(shard.accepted);
  sum_.persist(archive);
}

ModelSlot::ModelSlot(const WorkerHalf& worker, const LocalSgdOptions& options)
    : worker_(worker),
      options_(options),
      report_(std::make_shared<ReportShape>(ReportShape{{worker.features()}, 0})),
      readers_(options.weight.size()),
      z_(std::make_shared<const Vector>(Vector::Zero(worker.features()))) {
  for (Reader& reader : readers_) reader.read = z_;
}

void ModelSlot::form(Task& task) const {
  const Reader& reader = readers_[static_cast<std::size_t>(task.shard)];
  if (options_.swaps)
    form_walk(task, options_, reader.written, reader.read, reader.made_by);
  else
    form_walk(task, options_, reader.written, z_, k_);
  task.report = report_;
  task.nonzeros = worker_.nonzeros(task);
}

void ModelSlot::accept(const Task& task, Contribution contribution) {
  LAGGARD_ASSERT(!write_, "two models for one update");
  write_ = {task.shard, integer_of(task, kMadeBy),
            std::make_shared<const Vector>(std::move(contribution.vectors.at(0)))};
}

Residuals ModelSlot::update(Absent) {
  LAGGARD_ASSERT(write_, "an update without a model");
  const Write write = *std::exchange(write_, std::nullopt);
  Reader& reader = readers_[static_cast<std::size_t>(write.shard)];
  reader.read = z_;
  reader.made_by = k_;
  ++reader.written;
  writes_lost_ += k_ - write.made_by;
  Residuals out;
  out.primal = std::sqrt(squared_distance(view(*write.model), view(*z_)));
  out.all_accepted = std::all_of(readers_.begin(), readers_.end(),
                                 [](const Reader& each) { return each.written > 0; });
  z_ = write.model;
  ++k_;
  return out;
}

void ModelSlot::persist(StateArchive& archive) {
  archive.value(k_);
  archive.value(writes_lost_);
  archive.shared(z_);
  for (Reader& reader : readers_) {
    archive.shared(reader.read);
    archive.value(reader.made_by);
    archive.value(reader.written);
  }
}

namespace {

void prepare(MethodSetup& setup) {
  refuse_rough(setup, "local_sgd");
  settle_minibatch_options(setup);
  const bool slot = setup.one_by_one;
  setup.values.try_emplace("order", slot ? "overwrite" : "average");
  setup.values.try_emplace("average-every",
                           slot ? OptionValue(std::int64_t{1}) : OptionValue("epoch"));
  const std::string& order = text_value(setup.values, "order");
  if ((order == "average") == slot)
    throw Error(fmt::format("--order: {} {} go with protocol async; expected {}", order,
                            slot ? "cannot" : "can only",
                            slot ? "overwrite or swap" : "average, or --protocol async"));
  if (slot)
    setup.notices.push_back(
        "each model replaces z, whatever others wrote meanwhile: what a run comes to is an "
        "accident of timing");
  else if (integer_value(setup.values, "average-every", 0) != 1 && setup.shards > 1)
    setup.notices.push_back(
        "local_sgd is biased: where shards differ, what it tends to is not the optimum");
}

std::unique_ptr<const WorkerHalf> worker(const Problem& problem, const OptionValues& values,
                                         Precision precision) {
  return std::make_unique<LocalSgdWalk>(problem, batch_options(values), precision);
}

std::unique_ptr<CoordinatorHalf> coordinator(const CoordinatorSetup& setup) {
  const Problem& problem = setup.problem;
  const std::int64_t batches = batches_an_epoch(setup), samples = problem.data->samples();
  const bool plain = text_value(setup.values, "weights") == "plain";
  std::vector<double> weight;
  for (ShardId p = 0; p < problem.shards; ++p)
    weight.push_back(plain ? 1.0 / problem.shards
                           : static_cast<double>(problem.shard(p).count()) /
                                 static_cast<double>(samples));
  const std::int64_t stretch = integer_value(setup.values, "average-every", batches);
  const LocalSgdOptions options = {.step = StepSchedule(setup.values),
                                   .batches = batches,
                                   .stretch = std::min(stretch, batches),
                                   .lambda = *problem.regularizer->smooth_curvature(),
                                   .samples = samples,
                                   .weight = std::move(weight),
                                   .advice = [problem] { return stable_over_batches(problem); },
                                   .swaps = text_value(setup.values, "order") == "swap",
                                   .precision = setup.precision};
  if (text_value(setup.values, "order") != "average")
    return std::make_unique<ModelSlot>(setup.worker, options);
  return std::make_unique<LocalSgd>(setup.worker, options);
}

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> all = minibatch_options();
  all.push_back({.name = "average-every",
                 .min = 1,
                 .max = 1e9,
                 .default_text = "epoch; 1 under async",
                 .help = "H: batches of a task; the last ones of an epoch may be fewer",
                 .word = "epoch"});
  all.push_back({.name = "order",
                 .type = OptionType::choice,
                 .choices = {"average", "overwrite", "swap"},
                 .default_text = "average; overwrite under async",
                 .help = "async: a report replaces z, and its worker goes on from there (siren), "
                         "or from what it replaced"});
  return all;
}

}  // namespace

LAGGARD_METHOD({
    .name = "local_sgd",
    .summary = "stochastic gradient steps at each worker, then the mean of the models (MA-SGD)",
    .source = "docs/mathematics.md 11.4; Jiang et al., SIGMOD 2021 (LambdaML)",
    .options = options(),
    .traits = {.one_point = true,
               .may_leave_out = true,
               .may_reuse = true,
               .one_by_one = true,
               .noisy = true,
               .takes_kinks = true},
    .prepare = prepare,
    .worker = worker,
    .coordinator = coordinator,
})

}  // namespace laggard
