// Rows against centres: who is nearest, and how far. What both halves of k-means sweep with.
//                                                                                   [math 12.1]
#pragma once

#include "core/method/coordinator_half.hpp"
#include "core/problem/problem.hpp"
#include "core/problem/vector_ops.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace laggard {

// Of some consecutive rows.
struct NearestOfRows {
  std::vector<std::uint32_t> centre;     // of each row
  std::vector<double> squared_distance;  // of each row from that
};

// K centres, laid out for the sweep over rows.
class Centres {
 public:
  // c: K x d, one after the other. support: the features that rows are numbered within, rising;
  // empty: all.
  Centres(ConstSpan c, std::int64_t count, std::span<const std::uint32_t> support = {});

  // The centre that is nearest, ties to the lowest number, of each row. `out` is made as long as
  // the rows are. Returns the sum of the squared distances.
  double nearest(const Rows& rows, NearestOfRows& out) const;

 private:
  std::vector<double> table_, offset_;  // as kernel::nearest takes them
};

// J, the sum over all rows of the squared distance to the nearest centre: the same bits whatever P
// and the number of threads.
class SumOfSquaredDistances final : public Objective {
 public:
  SumOfSquaredDistances(const Problem& problem, std::int64_t clusters)
      : problem_(problem), clusters_(clusters) {}

  double value(const Vector& z, int threads) const override;

 private:
  Problem problem_;
  std::int64_t clusters_;
};

}  // namespace laggard
