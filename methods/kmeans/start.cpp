#include "methods/kmeans/start.hpp"

#include "core/io/error.hpp"
#include "core/task/random.hpp"

#include <fmt/format.h>

#include <numeric>
#include <set>
#include <utility>
#include <vector>

namespace laggard {
namespace {

// The numbers of the samples, in the order in which they are looked at.
std::vector<std::uint32_t> order_of_samples(const Dataset& data,
                                            const std::optional<std::uint64_t>& seed) {
  const auto samples = static_cast<std::uint32_t>(data.samples());
  if (seed) return permutation(samples, Draws(*seed, Stream::row_sample, 0));
  std::vector<std::uint32_t> order(samples);
  std::iota(order.begin(), order.end(), 0u);
  return order;
}

// By sample, the row that it is in.
std::vector<std::int64_t> rows_of_samples(const Dataset& data) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(data.samples()));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  for (std::size_t n = 0; n < data.order.size(); ++n)
    rows[static_cast<std::size_t>(data.order[static_cast<std::ptrdiff_t>(n)])] =
        static_cast<std::int64_t>(n);
  return rows;
}

// Those of its entries that are not 0.
using Entries = std::vector<std::pair<std::uint32_t, double>>;
Entries entries_of(const Csr& a, std::int64_t row) {
  Entries entries;
  for (std::int64_t i = a.row_start[row]; i < a.row_start[row + 1]; ++i)
    if (a.value[i] != 0) entries.emplace_back(a.column[i], a.value[i]);
  return entries;
}

}  // namespace

Vector first_centres(const Dataset& data, std::int64_t clusters,
                     const std::optional<std::uint64_t>& seed) {
  const Eigen::Index d = data.features();
  const std::vector<std::int64_t> rows = rows_of_samples(data);
  Vector centres = Vector::Zero(clusters * d);
  std::set<Entries> found;
  for (const std::uint32_t sample : order_of_samples(data, seed)) {
    const auto [entries, is_new] = found.insert(entries_of(data.a, rows[sample]));
    if (!is_new) continue;
    const Eigen::Index begin = static_cast<Eigen::Index>(found.size() - 1) * d;
    for (const auto& [column, value] : *entries) centres[begin + column] = value;
    if (static_cast<std::int64_t>(found.size()) == clusters) return centres;
  }
  throw Error(
      fmt::format("--clusters: {} is more than the {} distinct rows of {}; expected at most {}",
                  clusters, found.size(), data.name, found.size()));
}

}  // namespace laggard
