#include "core/problem/kernel.hpp"

#include "core/problem/row_chunks.hpp"

#include "core/problem/vector_width.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace laggard::kernel {
namespace {

// One row of the matrix.
struct Row {
  const std::uint32_t* column;
  const double* value;
  std::int64_t nonzeros;
};

// The rows of a shard by pointers: no bounds or views to look through in the inner loops.
class RowWalk {
 public:
  explicit RowWalk(const Rows& rows)
      : start_(rows.data->a.row_start.data() + rows.begin),
        column_(rows.data->a.column.data()),
        value_(rows.data->a.value.data()) {}

  void prefetch_start(std::int64_t n) const { __builtin_prefetch(start_ + n); }
  Row operator[](std::int64_t n) const {
    return {column_ + start_[n], value_ + start_[n], start_[n + 1] - start_[n]};
  }

 private:
  const std::int64_t* start_;
  const std::uint32_t* column_;
  const double* value_;
};

// Asks for what a sweep comes to some 50 rows of 10 entries later. The rows are read in a stream,
// but x and `out` are not, and between them the CPU's own prefetching does not run far enough
// ahead. An address behind the end is no fault. Not inlined, GCC takes this for a function without
// effect and leaves it out.
LAGGARD_INLINE inline void prefetch(const Row& row) {
  constexpr std::int64_t kAhead = 512, kLine = 64;
  const auto ask = [&](const auto* entries) LAGGARD_INLINE {
    const auto first = reinterpret_cast<std::uintptr_t>(entries);
    const auto width = static_cast<std::int64_t>(sizeof(*entries));
    for (std::int64_t byte = 0; byte < row.nonzeros * width; byte += kLine)
      __builtin_prefetch(reinterpret_cast<const void*>(first + kAhead * width + byte));
  };
  ask(row.value);
  ask(row.column);
}

// Rows that are read out of order: nothing of the next ones is on its way, so all of a row is asked
// for.
constexpr std::size_t kRowsAhead = 16;
LAGGARD_INLINE inline void prefetch_row(const Row& row) {
  constexpr std::int64_t kLine = 64;
  const auto ask = [&](const auto* entries) LAGGARD_INLINE {
    const auto* first = reinterpret_cast<const char*>(entries);
    const auto bytes = row.nonzeros * static_cast<std::int64_t>(sizeof(*entries));
    for (std::int64_t byte = 0; byte < bytes + kLine; byte += kLine)
      __builtin_prefetch(first + byte);
  };
  ask(row.value);
  ask(row.column);
}

LAGGARD_INLINE inline void prefetch_ahead(const RowWalk& walk, std::span<const std::uint32_t> which,
                                          std::size_t i) {
  if (i + 2 * kRowsAhead < which.size()) walk.prefetch_start(which[i + 2 * kRowsAhead]);
  if (i + kRowsAhead < which.size()) prefetch_row(walk[which[i + kRowsAhead]]);
}

// Four sums, so that an addition need not wait for the one before it. The order of the additions
// depends on the length of the row alone.
LAGGARD_INLINE inline double dot(const Row& row, const double* x) {
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  std::int64_t i = 0;
  for (; i + 4 <= row.nonzeros; i += 4) {
    s0 += row.value[i] * x[row.column[i]];
    s1 += row.value[i + 1] * x[row.column[i + 1]];
    s2 += row.value[i + 2] * x[row.column[i + 2]];
    s3 += row.value[i + 3] * x[row.column[i + 3]];
  }
  for (; i < row.nonzeros; ++i) s0 += row.value[i] * x[row.column[i]];
  return (s0 + s1) + (s2 + s3);
}

// each(l) for every lane. Not unrolled: GCC makes vectors of the loop and then of nothing that it
// has unrolled before.
template <class Each>
LAGGARD_INLINE inline void for_lanes(const Each& each) {
#pragma GCC unroll 1
  for (std::size_t l = 0; l < kCentres; ++l) each(l);
}

// The products of a row with kCentres centres that lie side by side, every `stride` numbers for the
// next feature. Two sums each, of the entries in even and in odd places.
LAGGARD_INLINE inline void products(const Row& row, const double* table, std::size_t stride,
                                    double (&out)[kCentres]) {
  double even[kCentres] = {}, odd[kCentres] = {};
  const auto add = [&](std::int64_t i, double(&sum)[kCentres]) LAGGARD_INLINE {
    const double* centre = table + row.column[i] * stride;
    for_lanes([&](std::size_t l) LAGGARD_INLINE { sum[l] += row.value[i] * centre[l]; });
  };
  std::int64_t i = 0;
  for (; i + 2 <= row.nonzeros; i += 2) {
    add(i, even);
    add(i + 1, odd);
  }
  if (i < row.nonzeros) add(i, even);
  for_lanes([&](std::size_t l) LAGGARD_INLINE { out[l] = even[l] + odd[l]; });
}

// The first k for which offset_k - 2 <row, c_k> is least, and what that is.
LAGGARD_INLINE inline std::pair<std::uint32_t, double> least_of(const Row& row, const double* table,
                                                                std::span<const double> offset) {
  double least[kCentres];
  std::int64_t block[kCentres] = {};
  for_lanes([&](std::size_t l)
                LAGGARD_INLINE { least[l] = std::numeric_limits<double>::infinity(); });
  for (std::size_t k = 0; k < offset.size(); k += kCentres) {
    double product[kCentres];
    products(row, table + k, offset.size(), product);
    const double* from = offset.data() + k;
    const auto at = static_cast<std::int64_t>(k);
    for_lanes([&](std::size_t l) LAGGARD_INLINE {
      const double value = from[l] - 2 * product[l];
      block[l] = value < least[l] ? at : block[l];
      least[l] = value < least[l] ? value : least[l];
    });
  }
  // No comparison may become a branch: which centre is next is not to be foreseen.
  const double all = std::min(std::min(std::min(least[0], least[1]), std::min(least[2], least[3])),
                              std::min(std::min(least[4], least[5]), std::min(least[6], least[7])));
  unsigned equal = 0;
  for (std::size_t l = 0; l < kCentres; ++l) equal |= static_cast<unsigned>(least[l] == all) << l;
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  for (; equal != 0; equal &= equal - 1) {
    const int l = std::countr_zero(equal);
    first = std::min(first, block[l] + l);
  }
  return {static_cast<std::uint32_t>(first), all};
}

// norm(row)^2, in the order of dot().
LAGGARD_INLINE inline double square(const Row& row) {
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  std::int64_t i = 0;
  for (; i + 4 <= row.nonzeros; i += 4) {
    s0 += row.value[i] * row.value[i];
    s1 += row.value[i + 1] * row.value[i + 1];
    s2 += row.value[i + 2] * row.value[i + 2];
    s3 += row.value[i + 3] * row.value[i + 3];
  }
  for (; i < row.nonzeros; ++i) s0 += row.value[i] * row.value[i];
  return (s0 + s1) + (s2 + s3);
}

// out += scale * row.
LAGGARD_INLINE inline void scatter(const Row& row, double scale, double* out) {
  for (std::int64_t i = 0; i < row.nonzeros; ++i) out[row.column[i]] += scale * row.value[i];
}

}  // namespace

void count_occurrences(const Rows& rows, std::span<double> count) {
  const RowWalk walk(rows);
  for (std::int64_t n = 0; n < rows.count(); ++n)
    for (std::int64_t i = 0; i < walk[n].nonzeros; ++i) count[walk[n].column[i]] += 1;
}

void margins(const Rows& rows, std::span<const double> x, std::span<double> margin) {
  const RowWalk walk(rows);
  const std::int64_t count = rows.count();
  for (std::int64_t n = 0; n < count; ++n) {
    prefetch(walk[n]);
    margin[n] = dot(walk[n], x.data());
  }
}

void add_transposed(const Rows& rows, std::span<const double> weight, std::span<double> out) {
  const RowWalk walk(rows);
  const std::int64_t count = rows.count();
  for (std::int64_t n = 0; n < count; ++n) {
    prefetch(walk[n]);
    if (weight[n] != 0) scatter(walk[n], weight[n], out.data());
  }
}

void margins_of(const Rows& rows, std::span<const std::uint32_t> which, std::span<const double> x,
                std::span<double> margin) {
  const RowWalk walk(rows);
  for (std::size_t i = 0; i < which.size(); ++i) {
    prefetch_ahead(walk, which, i);
    margin[i] = dot(walk[which[i]], x.data());
  }
}

void add_transposed_of(const Rows& rows, std::span<const std::uint32_t> which,
                       std::span<const double> weight, std::span<double> out) {
  const RowWalk walk(rows);
  for (std::size_t i = 0; i < which.size(); ++i) {
    prefetch_ahead(walk, which, i);
    if (weight[i] != 0) scatter(walk[which[i]], weight[i], out.data());
  }
}

void add_hessian_product(const Rows& rows, std::span<const double> curvature,
                         std::span<const double> v, std::span<double> image,
                         std::span<double> out) {
  const RowWalk walk(rows);
  const std::int64_t count = rows.count();
  for (std::int64_t n = 0; n < count; ++n) {
    const Row row = walk[n];
    prefetch(row);
    image[n] = dot(row, v.data());
    scatter(row, curvature[n] * image[n], out.data());
  }
}

void add_hessian_diagonal(const Rows& rows, std::span<const double> curvature,
                          std::span<double> out) {
  const RowWalk walk(rows);
  const std::int64_t count = rows.count();
  for (std::int64_t n = 0; n < count; ++n) {
    const Row row = walk[n];
    for (std::int64_t i = 0; i < row.nonzeros; ++i) {
      out[row.column[i]] += curvature[n] * row.value[i] * row.value[i];
    }
  }
}

void add_hessian(const Rows& rows, std::span<const double> curvature, std::span<const int> position,
                 Eigen::MatrixXd& out) {
  const RowWalk walk(rows);
  const std::int64_t count = rows.count();
  std::vector<std::pair<int, double>> kept;
  for (std::int64_t n = 0; n < count; ++n) {
    if (curvature[n] == 0) continue;
    const Row row = walk[n];
    kept.clear();
    for (std::int64_t i = 0; i < row.nonzeros; ++i) {
      const int k = position[row.column[i]];
      if (k >= 0) kept.emplace_back(k, row.value[i]);
    }
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const double scale = curvature[n] * kept[i].second;
      double* column = out.col(kept[i].first).data();
      for (std::size_t j = i; j < kept.size(); ++j) column[kept[j].first] += scale * kept[j].second;
    }
  }
}

void nearest(const Rows& rows, std::span<const double> table, std::span<const double> offset,
             std::span<std::uint32_t> which, std::span<double> squared_distance) {
  const RowWalk walk(rows);
  const std::int64_t count = rows.count();
  with_widest_vectors([&]() LAGGARD_INLINE {
    for (std::int64_t n = 0; n < count; ++n) {
      const Row row = walk[n];
      prefetch(row);
      const auto [at, least] = least_of(row, table.data(), offset);
      which[n] = at;
      squared_distance[n] = square(row) + least;
    }
  });
}

void add_to_groups(const Rows& rows, std::span<const std::uint32_t> group, std::span<double> sums) {
  const RowWalk walk(rows);
  const std::int64_t count = rows.count();
  const auto d = static_cast<std::size_t>(rows.features());
  for (std::int64_t n = 0; n < count; ++n) {
    prefetch(walk[n]);
    scatter(walk[n], 1, sums.data() + group[n] * d);
  }
}

double squared_norm_estimate(const Rows& rows) {
  constexpr int kMaxSteps = 50;
  constexpr double kTolerance = 1e-3, kMargin = 1.05;
  const auto d = static_cast<std::size_t>(rows.features());
  const std::vector<double> ones(std::min<std::size_t>(rows.count(), RowChunks::kBlock), 1.0);
  std::vector<double> image(ones.size()), v(d), next(d);
  // Entries spread over [0.5, 1.5) by the golden ratio: orthogonal to no vector that data has.
  for (std::size_t j = 0; j < d; ++j) {
    const double spread = 0.6180339887498949 * static_cast<double>(j);
    v[j] = 0.5 + (spread - std::floor(spread));
  }
  double eigenvalue = 0;
  for (int step = 0; step < kMaxSteps; ++step) {
    double length = 0;
    for (double entry : v) length += entry * entry;
    length = std::sqrt(length);
    if (length == 0) return 0;
    for (double& entry : v) entry /= length;
    std::fill(next.begin(), next.end(), 0.0);
    double estimate = 0;
    RowChunks::for_each_block(rows, [&](std::int64_t, const Rows& block) {
      const std::span<double> product(image.data(), static_cast<std::size_t>(block.count()));
      add_hessian_product(block, std::span(ones).first(product.size()), v, product, next);
      for (double entry : product) estimate += entry * entry;
    });
    std::swap(v, next);
    const bool converged = estimate <= eigenvalue * (1 + kTolerance) && step > 0;
    eigenvalue = std::max(eigenvalue, estimate);
    if (converged) break;
  }
  return kMargin * eigenvalue;
}

}  // namespace laggard::kernel
