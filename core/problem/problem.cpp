#include "core/problem/problem.hpp"

#include "core/problem/kernel.hpp"
#include "core/problem/row_chunks.hpp"
#include "core/problem/vector_ops.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace laggard {
namespace {

double sum_in_order(const std::vector<double>& terms) {
  double sum = 0;
  for (double term : terms) sum += term;
  return sum;
}

// F(x), and with `gradient` not empty grad F(x).
double smooth_part(const Problem& problem, std::span<const double> x, std::span<double> gradient,
                   int threads) {
  const RowChunks chunks(*problem.data, threads);
  std::vector<double> block_value(static_cast<std::size_t>(chunks.blocks()));
  std::vector<std::vector<double>> part(
      gradient.empty() ? 0 : static_cast<std::size_t>(chunks.count()));
  chunks.for_each([&](int chunk, const Rows& chunk_rows) {
    std::vector<double> margin(RowChunks::kBlock), first(RowChunks::kBlock);
    if (!part.empty()) part[chunk].assign(x.size(), 0.0);
    RowChunks::for_each_block(chunk_rows, [&](std::int64_t block, const Rows& rows) {
      const std::span<double> m(margin.data(), static_cast<std::size_t>(rows.count()));
      const std::span<double> weight(first.data(), m.size());
      kernel::margins(rows, x, m);
      if (part.empty()) {
        block_value[block] = problem.loss->value(m, rows.labels());
      } else {
        block_value[block] = problem.loss->derivative(m, rows.labels(), weight);
        kernel::add_transposed(rows, weight, part[chunk]);
      }
    });
  });
  std::fill(gradient.begin(), gradient.end(), 0.0);
  for (const auto& term : part) add_scaled(gradient, 1, term);
  return sum_in_order(block_value);
}

}  // namespace

std::string fingerprint(const Problem& problem) {
  return fingerprint(problem,
                     fmt::format("{}\n{}", problem.loss->spec(), problem.regularizer->spec()));
}

std::string fingerprint(const Problem& problem, const std::string& objective) {
  const std::string text = fmt::format("{}\n{}\n{}\n{}\n", problem.data->identity,
                                       problem.data->samples(), problem.features(), objective);
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

double objective(const Problem& problem, std::span<const double> x, int threads) {
  return smooth_part(problem, x, {}, threads) + problem.regularizer->value(x);
}

double validation_loss(const Problem& problem, std::span<const double> x) {
  if (!problem.validation) return kNaN;
  const Rows rows{problem.validation.get(), 0, problem.validation->samples()};
  std::vector<double> margin(static_cast<std::size_t>(rows.count()));
  kernel::margins(rows, x, margin);
  return problem.loss->value(margin, rows.labels()) / static_cast<double>(rows.count());
}

double smooth_gradient(const Problem& problem, std::span<const double> x,
                       std::span<double> gradient, int threads) {
  return smooth_part(problem, x, gradient, threads);
}

double kkt_residual(const Problem& problem, std::span<const double> x, int threads) {
  std::vector<double> step(x.size());
  smooth_gradient(problem, x, step, threads);
  for (std::size_t j = 0; j < x.size(); ++j) step[j] = x[j] - step[j];
  problem.regularizer->prox(step, 1.0, step);
  return std::sqrt(squared_distance(x, step)) / std::max(1.0, norm(x));
}

}  // namespace laggard
