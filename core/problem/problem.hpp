// minimise  sum_n loss(<a_n, x>, b_n) + h(x)                                       [math 1.1]
#pragma once

#include "core/problem/dataset.hpp"
#include "core/problem/loss.hpp"
#include "core/problem/regularizer.hpp"
#include "core/task/types.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

namespace laggard {

// The whole problem. Immutable once made; shared by everything that runs.
struct Problem {
  std::shared_ptr<const Dataset> data;
  std::shared_ptr<const Loss> loss;
  std::shared_ptr<const Regularizer> regularizer;
  int shards = 1;  // P
  // By shard, where a worker holds only some of them: the rows of each, nothing for those it does
  // not hold. `data` is then without rows. Empty: all rows are in `data`.
  std::vector<std::shared_ptr<const Dataset>> pieces = {};
  std::shared_ptr<const Dataset> validation = nullptr;  // rows held out; null: none

  int features() const { return data->features(); }

  // The rows floor(N p / P) .. floor(N (p+1) / P) - 1 of shard p.
  Rows shard(ShardId p) const {
    if (!pieces.empty()) {
      const Dataset* piece = pieces[static_cast<std::size_t>(p)].get();
      return piece ? Rows{piece, 0, piece->samples()} : Rows{data.get(), 0, 0};
    }
    const std::int64_t n = data->samples();
    return {data.get(), n * p / shards, n * (p + 1) / shards};
  }
};

// A hexadecimal name of (data, loss, regulariser); what caches are keyed by. The shards, the order
// of the rows and the fleet are not in it: they do not change phi.
std::string fingerprint(const Problem& problem);
// The same of what a method minimises in the place of phi, as told by `objective`.
std::string fingerprint(const Problem& problem, const std::string& objective);

// phi(x) [math 1.1], summed in fixed blocks of rows so that the value depends neither on P nor on
// `threads`. x: d.
double objective(const Problem& problem, std::span<const double> x, int threads = 1);

// The mean loss over the rows held out, without h: NaN where there are none.          [math 11.1]
double validation_loss(const Problem& problem, std::span<const double> x);

// grad F(x) into `gradient` (d); returns F(x). Same order of summation whatever `threads`.
double smooth_gradient(const Problem& problem, std::span<const double> x,
                       std::span<double> gradient, int threads = 1);

// kkt(x) = norm(x - prox_h(x - grad F(x))) / max(1, norm(x))                        [math 3.2]
double kkt_residual(const Problem& problem, std::span<const double> x, int threads = 1);

// (objective - reference) / max(1, abs(reference)); may come out slightly negative. [math 3.1]
inline double relative_gap(double objective, double reference) {
  return (objective - reference) / std::max(1.0, std::abs(reference));
}

}  // namespace laggard
