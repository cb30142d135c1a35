// What a code is: which sums over shards workers send, and how these add up to the sum over all.
#pragma once

#include "core/task/decoding.hpp"
#include "core/task/task.hpp"

#include <deque>
#include <unordered_map>
#include <vector>

namespace laggard {

// A matrix B, W x P: worker j sends sum_p B[j,p] c_p. A pure function of what it is made of.
// decode() caches: for one thread at a time.
class Code {
 public:
  virtual ~Code() = default;

  int workers() const { return workers_; }  // W
  int shards() const { return shards_; }    // P

  // Row `worker` of B: what is not 0.
  virtual std::vector<Part> parts(WorkerId worker) const = 0;

  // arrived: a flag for each of the W workers. The answer is kept for the next time that the same
  // workers arrive; the reference holds until the next call.
  const Decoding& decode(const std::vector<bool>& arrived);

  static constexpr std::size_t kCacheLimit = 4096;  // patterns; then the oldest goes

 protected:
  Code(int workers, int shards) : workers_(workers), shards_(shards) {}

  // a: those that arrived, in rising order.
  virtual std::vector<double> weights_of(const std::vector<bool>& arrived) const = 0;

  Decoding solve(const std::vector<bool>& arrived) const;

 private:
  int workers_;
  int shards_;
  std::unordered_map<std::vector<bool>, Decoding> cache_;
  std::deque<std::vector<bool>> cached_;  // oldest first
};

}  // namespace laggard
