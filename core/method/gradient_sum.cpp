#include "core/method/gradient_sum.hpp"

#include "core/io/error.hpp"
#include "core/problem/kernel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <thread>
#include <utility>

namespace laggard {

GradientSum::GradientSum(const Problem& problem, Precision precision, GradientWork work)
    : problem_(problem), precision_(precision), work_(work) {
  for (ShardId p = 0; p < problem.shards; ++p) shards_.emplace_back(problem.shard(p), problem.loss);
}

Contribution GradientSum::compute(const Task& task, Workspace& scratch,
                                  const std::atomic<bool>& stop) const {
  LAGGARD_ASSERT(task.z->size() == features(), "a point of another length than d");
  const Part whole{task.shard, 1};
  const std::span<const Part> parts = task.parts.empty() ? std::span(&whole, 1) : task.parts;
  Contribution out;
  Vector sum = Vector::Zero(features());
  out.scalars.assign(work_.scalars, 0);
  out.inner_iterations = work_.gradients;
  std::int64_t done = 0;
  for (const Part& part : parts) {
    out.stopped = stop.load(std::memory_order_relaxed);
    if (out.stopped) break;
    out.stopped = !add(task, part, view(sum), out.scalars, scratch, stop);
    if (out.stopped) break;
    ++done;
  }
  round_to(precision_, sum);
  out.vectors.push_back(std::move(sum));
  out.passes = kPasses * work_.gradients * done / static_cast<std::int64_t>(parts.size());
  return out;
}

bool GradientSum::add(const Task& task, const Part& part, Span sum, Span scalars,
                      Workspace& scratch, const std::atomic<bool>&) const {
  scalars[0] += part.coefficient * add_gradient(part, view(*task.z), sum, scratch);
  return true;
}

double GradientSum::add_gradient(const Part& part, ConstSpan z, Span sum, Workspace& scratch,
                                 const std::span<const std::uint32_t>* only) const {
  const LoadedShard& shard = loaded(part.shard);
  const Rows& rows = shard.rows();
  const auto support = shard.support();
  const auto samples = only ? only->size() : static_cast<std::size_t>(rows.count());
  const Span margin = sized(scratch.sample[0], samples);
  const Span weight = sized(scratch.sample[1], samples);
  ConstSpan point = z, labels = rows.labels();
  if (!support.empty()) {
    const Span gathered = sized(scratch.feature[0], support.size());
    for (std::size_t i = 0; i < support.size(); ++i) gathered[i] = z[support[i]];
    point = gathered;
  }
  if (only) {
    const Span gathered = sized(scratch.sample[2], samples);
    for (std::size_t i = 0; i < samples; ++i) gathered[i] = labels[(*only)[i]];
    labels = gathered;
    kernel::margins_of(rows, *only, point, margin);
  } else {
    kernel::margins(rows, point, margin);
  }
  const double value = shard.loss().derivative(margin, labels, weight);
  const Span gradient = sized(scratch.feature[1], point.size());
  std::fill(gradient.begin(), gradient.end(), 0.0);
  if (only)
    kernel::add_transposed_of(rows, *only, weight, gradient);
  else
    kernel::add_transposed(rows, weight, gradient);
  if (support.empty())
    add_scaled(sum, part.coefficient, gradient);
  else
    for (std::size_t i = 0; i < support.size(); ++i)
      sum[support[i]] += part.coefficient * gradient[i];
  return value;
}

std::int64_t GradientSum::nonzeros(const Task& task) const {
  if (task.parts.empty()) return problem_.shard(task.shard).nonzeros();
  std::int64_t sum = 0;
  for (const Part& part : task.parts) sum += problem_.shard(part.shard).nonzeros();
  return sum;
}

std::vector<double> GradientSum::all_lipschitz(int threads) const {
  std::vector<double> each(shards_.size());
  std::atomic<std::size_t> next{0};
  {
    std::vector<std::jthread> pool;
    for (int t = 0; t < threads; ++t)
      pool.emplace_back([&] {
        for (std::size_t p = next++; p < each.size(); p = next++) each[p] = shards_[p].lipschitz();
      });
  }
  return each;
}

double GradientSum::total_lipschitz(int threads) const {
  const std::vector<double> each = all_lipschitz(threads);
  return std::accumulate(each.begin(), each.end(), 0.0);
}

std::unique_ptr<const WorkerHalf> make_gradient_sum(const Problem& problem, const OptionValues&,
                                                    Precision precision) {
  return std::make_unique<GradientSum>(problem, precision);
}

namespace {

const GradientSum& gradients_of(const WorkerHalf& half) {
  const auto* gradients = dynamic_cast<const GradientSum*>(&half);
  LAGGARD_ASSERT(gradients, "L_p of a worker's half that takes no gradients");
  return *gradients;
}

}  // namespace

std::vector<double> all_lipschitz(const WorkerHalf& half, int threads) {
  return gradients_of(half).all_lipschitz(threads);
}

double total_lipschitz(const WorkerHalf& half, int threads) {
  return gradients_of(half).total_lipschitz(threads);
}

std::string stable_up_to(const WorkerHalf& half, double slack, int threads) {
  const double lipschitz = total_lipschitz(half, threads);
  if (std::isinf(slack * lipschitz) || lipschitz == 0) return {};
  return fmt::format("a --step-size up to {:.3g}, 1 / {}, is stable", 1 / (slack * lipschitz),
                     slack > 1 ? "((1 + tau) L)" : "L");
}

void need_step(const MethodSetup& setup, const std::string& option) {
  if (setup.loss->is_smooth() || optional_real(setup.values, option)) return;
  throw Error(fmt::format("--{}: auto needs a smooth loss, not {}; expected a number", option,
                          setup.loss->spec()));
}

OptionSpec step_size_option(std::string help) {
  return {.name = "step-size",
          .type = OptionType::real,
          .max = 1e300,
          .default_text = "auto",
          .help = std::move(help) + "; auto: from the Lipschitz constants of the shards",
          .word = "auto",
          .min_excluded = true};
}

OptionSpec momentum_option(std::string help) {
  return {.name = "momentum",
          .type = OptionType::real,
          .max = 1,
          .default_text = "auto",
          .help = std::move(help),
          .word = "auto",
          .max_excluded = true};
}

}  // namespace laggard
