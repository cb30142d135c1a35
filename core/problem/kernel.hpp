// The sweeps over a shard's nonzeros, fused. The only code that knows how the matrix is laid out.
#pragma once

#include "core/problem/dataset.hpp"
#include "core/task/types.hpp"

#include <cstdint>
#include <span>

namespace laggard::kernel {

// margin = A x. x: d, margin: rows. One pass.
void margins(const Rows& rows, std::span<const double> x, std::span<double> margin);

// out += A^T weight. weight: rows, out: d. One pass.
void add_transposed(const Rows& rows, std::span<const double> weight, std::span<double> out);

// The same of some rows alone: `which` of them, as numbered within `rows`, rising. margin, weight:
// one for each of those. Their sums are added up as in a sweep of all.
void margins_of(const Rows& rows, std::span<const std::uint32_t> which, std::span<const double> x,
                std::span<double> margin);
void add_transposed_of(const Rows& rows, std::span<const std::uint32_t> which,
                       std::span<const double> weight, std::span<double> out);

// out += A^T diag(curvature) A v in a single sweep of memory; image = A v. v, out: d. Two passes.
void add_hessian_product(const Rows& rows, std::span<const double> curvature,
                         std::span<const double> v, std::span<double> image, std::span<double> out);

// out += the diagonal of A^T diag(curvature) A. out: d. One pass.
void add_hessian_diagonal(const Rows& rows, std::span<const double> curvature,
                          std::span<double> out);

// count[j] += in how many rows feature j occurs. count: d. One pass.
void count_occurrences(const Rows& rows, std::span<double> count);

// Adds to the lower triangle of `out` (k x k) that of A^T diag(curvature) A restricted to the
// columns j with position[j] = 0 .. k-1, rising; -1: left out. position: d. One pass, and k^2/2
// operations at most for each row.
void add_hessian(const Rows& rows, std::span<const double> curvature, std::span<const int> position,
                 Eigen::MatrixXd& out);

// For each row a the first k for which offset_k - 2 <a, c_k> is least, and norm(a)^2 plus that:
// with offset_k = norm(c_k)^2 the nearest of some centres and its squared distance. [math 12.1]
// offset: a multiple of kCentres, infinite for centres that there are not; table: d x offset, c_kj
// at j offset + k. As many passes as there are centres, in a single sweep of memory.
inline constexpr std::size_t kCentres = 8;
void nearest(const Rows& rows, std::span<const double> table, std::span<const double> offset,
             std::span<std::uint32_t> which, std::span<double> squared_distance);

// Adds each row to the d sums of its group: sums_{group n} += row n. group: rows, sums: groups x d.
// One pass.
void add_to_groups(const Rows& rows, std::span<const std::uint32_t> group, std::span<double> sums);

// The largest eigenvalue of A^T A by power iteration from a fixed start, within a few percent,
// rounded up by 5 %.
double squared_norm_estimate(const Rows& rows);

}  // namespace laggard::kernel
