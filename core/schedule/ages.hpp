// How old each shard's contribution is.                                           [math 4]
#pragma once

#include "core/method/state_archive.hpp"
#include "core/task/types.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace laggard {

class Ages {
 public:
  explicit Ages(int shards)
      : last_(static_cast<std::size_t>(shards), 0),
        fresh_(last_.size()),
        z_at_(last_.size(), Time{}) {}

  // round: updates made so far. z_at: when the z behind the report was made.
  void accept(ShardId shard, int round, Time z_at) {
    fresh_[index(shard)] = true;
    last_[index(shard)] = round + 1;
    z_at_[index(shard)] = z_at;
  }
  // An update has taken what is fresh. Returns those shards, rising.
  std::vector<ShardId> take() {
    std::vector<ShardId> taken;
    for (std::size_t p = 0; p < fresh_.size(); ++p)
      if (fresh_[p]) taken.push_back(static_cast<ShardId>(p));
    fresh_.assign(fresh_.size(), false);
    return taken;
  }

  bool fresh(ShardId shard) const { return fresh_[index(shard)]; }  // since the last update
  bool ever(ShardId shard) const { return last_[index(shard)] > 0; }
  // The largest age if the update came now.
  int oldest(int round) const { return round + 2 - *std::min_element(last_.begin(), last_.end()); }

  // The largest age by the clock, if the update came now, of a contribution that it would keep.
  Time oldest_kept(Time now) const {
    Time oldest{};
    for (std::size_t p = 0; p < fresh_.size(); ++p)
      if (!fresh_[p]) oldest = std::max(oldest, now - z_at_[p]);
    return oldest;
  }

  // No update may use an older one.
  std::int64_t bound = std::numeric_limits<int>::max();
  Time kept_bound = kForever;

  void persist(StateArchive& archive) { archive.values(last_); }

 private:
  static std::size_t index(ShardId shard) { return static_cast<std::size_t>(shard); }

  std::vector<int> last_;    // by shard: the update that took its newest report; 0: none
  std::vector<bool> fresh_;  // by shard
  std::vector<Time> z_at_;   // by shard: of the z behind it
};

}  // namespace laggard
