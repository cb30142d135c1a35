#include "core/method/batches.hpp"

#include "core/io/error.hpp"
#include "core/task/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

constexpr std::int64_t kUsualRows = 64;

}  // namespace

Batches::Batches(const Problem& problem, const BatchOptions& options)
    : problem_(problem), options_(options), recent_(static_cast<std::size_t>(problem.shards)) {}

Batch Batches::of(ShardId shard, std::int64_t epoch, std::int64_t batch) const {
  const std::int64_t n = problem_.shard(shard).count(), rows = options_.rows;
  Batch out;
  const std::int64_t begin = batch == 0 ? 0 : batch >= (n + rows - 1) / rows ? n : batch * rows;
  out.count = std::min(rows, n - begin);
  out.whole = out.count == n && n > 0;
  if (out.whole || out.count == 0) return out;
  out.order = order_of(shard, epoch);
  out.rows = std::span(*out.order)
                 .subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(out.count));
  return out;
}

std::int64_t Batches::nonzeros(ShardId shard, std::int64_t epoch, std::int64_t batch) const {
  const Rows rows = problem_.shard(shard);
  const Batch found = of(shard, epoch, batch);
  if (found.whole) return rows.nonzeros();
  const auto& start = rows.data->a.row_start;
  std::int64_t sum = 0;
  for (const std::uint32_t n : found.rows) sum += start[rows.begin + n + 1] - start[rows.begin + n];
  return sum;
}

std::shared_ptr<const Batches::Order> Batches::order_of(ShardId shard, std::int64_t epoch) const {
  constexpr std::size_t kKept = 3;  // stragglers may be an epoch behind
  Recent& recent = recent_[static_cast<std::size_t>(shard)];
  const std::lock_guard lock(recent.mutex);
  for (const auto& [known, order] : recent.orders)
    if (known == epoch) return order;
  const auto n = static_cast<std::uint32_t>(problem_.shard(shard).count());
  const std::uint64_t counter =
      (static_cast<std::uint64_t>(epoch) << 32) + static_cast<std::uint64_t>(shard);
  Order order = permutation(n, Draws(options_.seed, Stream::batch_order, counter));
  for (std::int64_t begin = 0; begin < n; begin += options_.rows)
    std::sort(order.begin() + begin,
              order.begin() + std::min<std::int64_t>(begin + options_.rows, n));
  recent.orders.emplace_back(epoch, std::make_shared<const Order>(std::move(order)));
  if (recent.orders.size() > kKept) recent.orders.pop_front();
  return recent.orders.back().second;
}

std::int64_t batches_an_epoch(std::int64_t samples, int shards, std::int64_t rows) {
  const std::int64_t largest = (samples + shards - 1) / shards;
  return (largest + rows - 1) / rows;
}

std::vector<OptionSpec> minibatch_options() {
  return {{.name = "batch",
           .min = 1,
           .max = 1e9,
           .default_text = fmt::format("{}, or G/P with --global-batch", kUsualRows),
           .help = "B: rows of a shard in a batch",
           .word = "auto"},
          {.name = "global-batch",
           .min = 1,
           .max = 1e12,
           .default_text = "none",
           .help = "G: rows in the batches of all shards together, in the place of B",
           .word = "none"},
          {.name = "batch-seed",
           .max = 1e18,
           .default_text = "1",
           .help = "drives the order of the rows, nothing else"},
          {.name = "step-size",
           .type = OptionType::real,
           .max = 1e300,
           .default_text = "0.1",
           .help = "eta: the step, for phi/N",
           .min_excluded = true},
          {.name = "step-decay",
           .type = OptionType::choice,
           .choices = {"none", "sqrt"},
           .default_text = "none",
           .help = "sqrt: eta / sqrt(e + 1) in epoch e = 0, 1, ..."},
          {.name = "weights",
           .type = OptionType::choice,
           .choices = {"size", "plain"},
           .default_text = "size",
           .help = "what shards count: by their rows, or all alike, whatever their rows"}};
}

void settle_minibatch_options(MethodSetup& setup) {
  const std::int64_t all = integer_value(setup.values, "global-batch", 0);
  if (all == 0) {
    setup.values.try_emplace("batch", "auto");
    return;
  }
  const std::int64_t each = (all + setup.shards - 1) / setup.shards;
  const auto given = setup.values.find("batch");
  if (given != setup.values.end() && given->second != OptionValue(each))
    throw Error(fmt::format("--batch: cannot go with --global-batch; expected one of the two"));
  setup.values["batch"] = each;
}

BatchOptions batch_options(const OptionValues& values) {
  return {.rows = integer_value(values, "batch", kUsualRows),
          .seed = static_cast<std::uint64_t>(integer_value(values, "batch-seed"))};
}

std::int64_t batches_an_epoch(const CoordinatorSetup& setup) {
  const std::int64_t samples = setup.problem.data->samples();
  const std::int64_t rows = batch_options(setup.values).rows;
  const std::int64_t most = (samples + setup.problem.shards - 1) / setup.problem.shards;
  const bool given = !std::holds_alternative<std::string>(setup.values.at("batch"));
  if (given && rows > most) {
    if (const std::int64_t all = integer_value(setup.values, "global-batch", 0); all > 0)
      throw Error(
          fmt::format("--global-batch: {} takes {} rows of each shard, which has {}; expected at "
                      "most {}",
                      all, rows, most, most * setup.problem.shards));
    throw Error(fmt::format("--batch: {} is more than the {} rows of a shard; expected at most {}",
                            rows, most, most));
  }
  return batches_an_epoch(samples, setup.problem.shards, rows);
}

StepSchedule::StepSchedule(const OptionValues& values)
    : first(real_value(values, "step-size")), decays(text_value(values, "step-decay") == "sqrt") {}

double StepSchedule::at(std::int64_t epoch) const {
  return decays ? first / std::sqrt(static_cast<double>(epoch) + 1) : first;
}

std::string stable_over_batches(const Problem& problem) {
  const Dataset& data = *problem.data;
  double longest = 0;
  for (std::int64_t n = 0; n < data.samples(); ++n) {
    double square = 0;
    for (std::int64_t i = data.a.row_start[n]; i < data.a.row_start[n + 1]; ++i)
      square += data.a.value[i] * data.a.value[i];
    longest = std::max(longest, square);
  }
  const double lipschitz =
      longest * problem.loss->curvature_bound() +
      problem.regularizer->smooth_curvature().value_or(0) / static_cast<double>(data.samples());
  if (lipschitz == 0 || !std::isfinite(lipschitz)) return {};
  return fmt::format("a --step-size below {:.3g}, 2 / L of the longest sample, is stable",
                     2 / lipschitz);
}

void take_step(Span x, double eta, double weight, ConstSpan gradient, double lambda, double n) {
  with_widest_vectors([=, x = x.data(), g = gradient.data(), d = x.size()]() LAGGARD_INLINE {
    for (std::size_t j = 0; j < d; ++j) x[j] -= eta * ((weight * g[j] + lambda * x[j]) / n);
  });
}

}  // namespace laggard
