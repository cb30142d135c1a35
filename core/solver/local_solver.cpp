#include "core/solver/local_solver.hpp"

#include "core/io/error.hpp"
#include "core/problem/kernel.hpp"
#include "core/solver/solvers.hpp"

#include <fmt/format.h>

#include <cmath>

namespace laggard {
namespace {

// The features that occur in `rows`, rising.
std::vector<std::uint32_t> features_of(const Rows& rows) {
  const Csr& a = rows.data->a;
  std::vector<bool> seen(static_cast<std::size_t>(a.columns), false);
  for (std::int64_t k = a.row_start[rows.begin]; k < a.row_start[rows.end]; ++k)
    seen[a.column[k]] = true;
  std::vector<std::uint32_t> features;
  for (std::uint32_t j = 0; j < seen.size(); ++j)
    if (seen[j]) features.push_back(j);
  return features;
}

// A copy of `rows` whose columns are positions in `support`.
Dataset renumbered(const Rows& rows, const std::vector<std::uint32_t>& support) {
  const Csr& a = rows.data->a;
  std::vector<std::uint32_t> position(static_cast<std::size_t>(a.columns), 0);
  for (std::uint32_t i = 0; i < support.size(); ++i) position[support[i]] = i;
  const std::int64_t first = a.row_start[rows.begin];
  Dataset out;
  out.a.columns = static_cast<int>(support.size());
  for (std::int64_t n = rows.begin; n <= rows.end; ++n)
    out.a.row_start.push_back(a.row_start[n] - first);
  for (std::int64_t k = first; k < a.row_start[rows.end]; ++k) {
    out.a.column.push_back(position[a.column[k]]);
    out.a.value.push_back(a.value[k]);
  }
  out.label.append(rows.labels());
  return out;
}

}  // namespace

double Penalty::squared(ConstSpan v) const {
  if (weight.empty()) return squared_norm(v);
  return detail::lane_sum(v.size(), [&](std::size_t j) { return weight[j] * (v[j] * v[j]); });
}

double Penalty::dual_squared(ConstSpan v) const {
  if (weight.empty()) return squared_norm(v);
  return detail::lane_sum(v.size(), [&](std::size_t j) { return v[j] * v[j] / weight[j]; });
}

LoadedShard::LoadedShard(Rows rows, std::shared_ptr<const Loss> loss)
    : source_(rows), loss_(std::move(loss)) {}

double LoadedShard::matrix_norm() const {
  return std::sqrt(lipschitz() / loss_->curvature_bound());
}

double LoadedShard::lipschitz() const {
  std::call_once(lipschitz_once_, [this] {
    lipschitz_ = loss_->curvature_bound() * kernel::squared_norm_estimate(rows());
  });
  return lipschitz_;
}

const LoadedShard::Loaded& LoadedShard::loaded() const {
  std::call_once(loaded_once_, [this] {
    loaded_.rows = source_;
    std::vector<std::uint32_t> support = features_of(source_);
    if (support.empty() || support.size() * 2 >= static_cast<std::size_t>(source_.features()))
      return;
    loaded_.support = std::move(support);
    loaded_.compact = renumbered(source_, loaded_.support);
    loaded_.rows = {&loaded_.compact, 0, source_.count()};
  });
  return loaded_;
}

namespace {

// What a dense matrix is made of.
void check_size(const char* what, const char* instead, const Problem& problem) {
  const std::int64_t rows = (problem.data->samples() + problem.shards - 1) / problem.shards;
  if (std::min<std::int64_t>(rows, problem.features()) > kDirectLimit)
    throw Error(fmt::format(
        "{}: shards of {} rows and {} features are too large; expected at most {} of either "
        "(use {})",
        what, rows, problem.features(), kDirectLimit, instead));
}

}  // namespace

std::unique_ptr<const LocalSolver> make_solver(const SolverOptions& options,
                                               const Problem& problem) {
  if (options.name == "newton_cg") {
    if (options.equations == NewtonEquations::cholesky)
      check_size("--newton-equations cholesky", "cg", problem);
    return make_newton_cg(options);
  }
  if (options.name == "fista") return make_fista(options);
  if (options.name != "direct")
    throw Error(fmt::format("--solver: unknown solver '{}'; expected newton_cg, fista or direct",
                            options.name));
  if (!problem.loss->is_quadratic())
    throw Error(fmt::format("--solver direct: needs --loss squared, not {}", problem.loss->spec()));
  check_size("--solver direct", "newton_cg", problem);
  return make_direct();
}

}  // namespace laggard
