#include "methods/kmeans/kmeans.hpp"

#include "core/io/error.hpp"
#include "core/method/plugin.hpp"
#include "core/problem/kernel.hpp"
#include "core/problem/vector_ops.hpp"
#include "methods/kmeans/start.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace laggard {
namespace {

constexpr std::int64_t kBlock = 1024;  // rows, swept twice while they are in the cache

}  // namespace

SumsByCentre::SumsByCentre(const Problem& problem, std::int64_t clusters, Precision precision)
    : problem_(problem), clusters_(clusters), precision_(precision) {
  for (ShardId p = 0; p < problem.shards; ++p) shards_.emplace_back(problem.shard(p), problem.loss);
}

Contribution SumsByCentre::compute(const Task& task, Workspace& scratch,
                                   const std::atomic<bool>& stop) const {
  LAGGARD_ASSERT(task.z->size() == features(), "centres of another number or length");
  const LoadedShard& shard = shards_[static_cast<std::size_t>(task.shard)];
  const Rows& all = shard.rows();
  const auto support = shard.support();
  const auto clusters = static_cast<std::size_t>(clusters_);
  const auto d = static_cast<std::size_t>(problem_.features()),
             seen = support.empty() ? d : support.size();
  const Centres centres(view(*task.z), clusters_, support);
  const Span sums = sized(scratch.of_method[0], clusters * seen);
  std::fill(sums.begin(), sums.end(), 0.0);
  Contribution out;
  out.scalars.assign(clusters + 1, 0);
  out.inner_iterations = 1;
  NearestOfRows nearest;
  std::int64_t at = all.begin;
  for (; at < all.end && !out.stopped; at += kBlock) {
    const Rows rows{all.data, at, std::min(at + kBlock, all.end)};
    out.scalars[clusters] += centres.nearest(rows, nearest);
    for (const std::uint32_t k : nearest.centre) out.scalars[k] += 1;
    kernel::add_to_groups(rows, nearest.centre, sums);
    out.stopped = stop.load(std::memory_order_relaxed);
  }
  Vector whole = Vector::Zero(features());
  for (std::size_t k = 0; k < clusters; ++k)
    for (std::size_t j = 0; j < seen; ++j)
      whole[static_cast<Eigen::Index>(k * d + (support.empty() ? j : support[j]))] =
          sums[k * seen + j];
  round_to(precision_, whole);
  out.vectors.push_back(std::move(whole));
  out.passes = min_passes() * (std::min(at, all.end) - all.begin) / all.count();
  return out;
}

KMeans::KMeans(const Problem& problem, Vector start, const KMeansOptions& options)
    : options_(options),
      objective_(problem, options.clusters),
      report_(std::make_shared<ReportShape>(ReportShape{{start.size()}, options.clusters + 1})),
      shards_(static_cast<std::size_t>(problem.shards)),
      sum_(problem.shards, static_cast<int>(start.size() + options.clusters), 1, true) {
  round_to(options_.precision, start);
  z_ = std::make_shared<const Vector>(std::move(start));
}

void KMeans::form(Task& task) const {
  task.z = z_;
  task.report = report_;
  task.precision = options_.precision;
}

void KMeans::take_means(Vector& sums) const {
  for (Eigen::Index k = 0; k < options_.clusters; ++k) {
    double& count = sums[z_->size() + k];
    if (count > 0) sums.segment(k * d(), d()) /= count;
    count = 1;  // an empty cluster's zero vector counts too
  }
}

void KMeans::accept(const Task& task, Contribution contribution) {
  Vector sums(z_->size() + options_.clusters);
  sums.head(z_->size()) = contribution.vectors.at(0);
  for (Eigen::Index k = 0; k < options_.clusters; ++k)
    sums[z_->size() + k] = contribution.scalars.at(static_cast<std::size_t>(k));
  if (options_.mean_of_means) take_means(sums);
  sum_.set(task.shard, 1, std::make_shared<const Vector>(std::move(sums)));
  shards_[static_cast<std::size_t>(task.shard)] = {.fresh = true, .accepted = true};
}

// mean_k norm(c_k - its place before)
double KMeans::mean_move(const Vector& before) const {
  const auto length = static_cast<std::size_t>(d());
  double moved = 0;
  for (std::size_t k = 0; k < static_cast<std::size_t>(options_.clusters); ++k)
    moved += std::sqrt(squared_distance(view(*z_).subspan(k * length, length),
                                        view(before).subspan(k * length, length)));
  return moved / static_cast<double>(options_.clusters);
}

Residuals KMeans::update(Absent absent) {
  for (ShardId p = 0; p < shards(); ++p) {
    ShardState& shard = shards_[static_cast<std::size_t>(p)];
    LAGGARD_ASSERT(shard.fresh || absent == Absent::left_out,
                   "an update with the sums of earlier centres");
    if (!std::exchange(shard.fresh, false)) sum_.leave_out(p);
  }
  const Vector& sums = sum_.total();
  Vector z = *z_;
  for (Eigen::Index k = 0; k < options_.clusters; ++k) {
    const double count = sums[z.size() + k];
    if (count > 0) z.segment(k * d(), d()) = sums.segment(k * d(), d()) / count;
  }
  round_to(options_.precision, z);
  const SharedVector before = std::exchange(z_, std::make_shared<const Vector>(std::move(z)));
  Residuals out;
  out.primal = mean_move(*before);
  out.all_accepted = std::all_of(shards_.begin(), shards_.end(),
                                 [](const ShardState& shard) { return shard.accepted; });
  if (out.primal < options_.threshold)
    out.ended = fmt::format("the centres moved by {:.3g} on average, less than --threshold {}",
                            out.primal, options_.threshold);
  return out;
}

void KMeans::persist(StateArchive& archive) {
  archive.shared(z_);
  for (ShardState& shard : shards_) archive.value(shard.accepted);
}

namespace {

constexpr const char* kExhibit = "mean_of_means";

std::int64_t clusters_of(const OptionValues& values) { return integer_value(values, "clusters"); }

void prepare(MethodSetup& setup) {
  setup.vectors = static_cast<double>(clusters_of(setup.values));
  if (setup.leaves_out)
    setup.notices.push_back(
        "kmeans without the shards that are late is minibatch k-means: the objective may rise, and "
        "the centres need not come to rest");
  if (text_value(setup.values, "reduce") == kExhibit && setup.shards > 1)
    setup.notices.push_back(
        "kmeans with --reduce mean_of_means takes the plain mean of the shards' own centres: it "
        "stops where k-means would still go on");
}

std::unique_ptr<const WorkerHalf> worker(const Problem& problem, const OptionValues& values,
                                         Precision precision) {
  return std::make_unique<SumsByCentre>(problem, clusters_of(values), precision);
}

std::unique_ptr<CoordinatorHalf> coordinator(const CoordinatorSetup& setup) {
  const KMeansOptions options = {.clusters = clusters_of(setup.values),
                                 .threshold = real_value(setup.values, "threshold"),
                                 .mean_of_means = text_value(setup.values, "reduce") == kExhibit,
                                 .precision = setup.precision};
  const std::int64_t most = std::numeric_limits<int>::max() / (setup.problem.features() + 1) - 1;
  if (options.clusters > most)
    throw Error(
        fmt::format("--clusters: {} centres of {} features are too large; expected at most {}",
                    options.clusters, setup.problem.features(), most));
  std::optional<std::uint64_t> seed;
  if (text_value(setup.values, "init") == "sample")
    seed = static_cast<std::uint64_t>(integer_value(setup.values, "init-seed"));
  return std::make_unique<KMeans>(
      setup.problem, first_centres(*setup.problem.data, options.clusters, seed), options);
}

}  // namespace

LAGGARD_METHOD({
    .name = "kmeans",
    .summary = "k-means: workers add up the rows that are nearest to each centre",
    .source = "docs/mathematics.md 12.1; Lloyd 1982; Jiang et al., SIGMOD 2021 (LambdaML)",
    .objective = "squared distances of the samples to the nearest centre",
    .options = {{.name = "clusters",
                 .type = OptionType::integer,
                 .min = 1,
                 .max = 1e6,
                 .default_text = "8",
                 .help = "K, the number of centres"},
                {.name = "threshold",
                 .type = OptionType::real,
                 .max = 1e300,
                 .default_text = "0.0001",
                 .help = "the run ends once the centres move less than this, on average; 0: never"},
                {.name = "init",
                 .type = OptionType::choice,
                 .choices = {"first", "sample"},
                 .default_text = "first",
                 .help =
                     "the first centres: the first rows of the data, or random ones; equal rows "
                     "count once"},
                {.name = "init-seed",
                 .type = OptionType::integer,
                 .max = 1e18,
                 .default_text = "1",
                 .help = "drives which rows --init sample takes",
                 .only_with = "init",
                 .only_values = {"sample"}},
                {.name = "reduce",
                 .type = OptionType::choice,
                 .choices = {"sums", kExhibit},
                 .default_text = "sums",
                 .help = "what an update is: the mean of all rows of a centre, or, as LambdaML has "
                         "it, the plain mean of the shards' own centres"}},
    .traits = {.one_point = true, .may_leave_out = true},
    .prepare = prepare,
    .worker = worker,
    .coordinator = coordinator,
})

}  // namespace laggard
