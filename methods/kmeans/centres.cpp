#include "methods/kmeans/centres.hpp"

#include "core/problem/kernel.hpp"
#include "core/problem/row_chunks.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace laggard {

Centres::Centres(ConstSpan c, std::int64_t count, std::span<const std::uint32_t> support) {
  const auto clusters = static_cast<std::size_t>(count);
  const std::size_t d = c.size() / clusters, seen = support.empty() ? d : support.size();
  const std::size_t stride =
      (clusters + kernel::kCentres - 1) / kernel::kCentres * kernel::kCentres;
  table_.assign(seen * stride, 0);
  offset_.assign(stride, std::numeric_limits<double>::infinity());
  for (std::size_t k = 0; k < clusters; ++k) {
    const ConstSpan centre = c.subspan(k * d, d);
    offset_[k] = squared_norm(centre);
    for (std::size_t j = 0; j < seen; ++j)
      table_[j * stride + k] = centre[support.empty() ? j : support[j]];
  }
}

double Centres::nearest(const Rows& rows, NearestOfRows& out) const {
  const auto count = static_cast<std::size_t>(rows.count());
  out.centre.resize(count);
  out.squared_distance.resize(count);
  kernel::nearest(rows, table_, offset_, out.centre, out.squared_distance);
  return sum(out.squared_distance);
}

double SumOfSquaredDistances::value(const Vector& z, int threads) const {
  const Centres centres(view(z), clusters_);
  const RowChunks chunks(*problem_.data, threads);
  std::vector<double> of_block(static_cast<std::size_t>(chunks.blocks()));
  chunks.for_each([&](int, const Rows& chunk) {
    NearestOfRows nearest;
    RowChunks::for_each_block(chunk, [&](std::int64_t block, const Rows& rows) {
      of_block[static_cast<std::size_t>(block)] = centres.nearest(rows, nearest);
    });
  });
  return std::accumulate(of_block.begin(), of_block.end(), 0.0);
}

}  // namespace laggard
