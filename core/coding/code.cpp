#include "core/coding/code.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace laggard {

const Decoding& Code::decode(const std::vector<bool>& arrived) {
  LAGGARD_ASSERT(static_cast<int>(arrived.size()) == workers_,
                 fmt::format("{} flags for {} workers", arrived.size(), workers_));
  const auto known = cache_.find(arrived);
  if (known != cache_.end()) return known->second;
  if (cached_.size() == kCacheLimit) {
    cache_.erase(cached_.front());
    cached_.pop_front();
  }
  cached_.push_back(arrived);
  return cache_.emplace(arrived, solve(arrived)).first->second;
}

Decoding Code::solve(const std::vector<bool>& arrived) const {
  Decoding out;
  out.weights = weights_of(arrived);
  std::vector<double> sum(static_cast<std::size_t>(shards_), 0.0), magnitude(sum);
  std::size_t next = 0;
  for (WorkerId j = 0; j < workers_; ++j) {
    if (!arrived[static_cast<std::size_t>(j)]) continue;
    const double weight = out.weights.at(next++);
    for (const Part& part : parts(j)) {
      const double term = weight * part.coefficient;
      sum[static_cast<std::size_t>(part.shard)] += term;
      magnitude[static_cast<std::size_t>(part.shard)] += std::abs(term);
    }
  }
  double squares = 0, total = 0;
  out.error = 0;
  for (const double weight : sum) {
    out.error = std::max(out.error, std::abs(weight - 1));
    squares += (weight - 1) * (weight - 1);
    total += weight;
  }
  out.rms_error = std::sqrt(squares / shards_);
  out.mean_weight = total / shards_;
  out.condition = *std::max_element(magnitude.begin(), magnitude.end());
  return out;
}

}  // namespace laggard
