// The shards that a worker holds, and where it gets them from.
#pragma once

#include "core/problem/problem.hpp"
#include "core/wire/work.hpp"

#include <atomic>
#include <functional>
#include <string>

namespace laggard {

class ShardStore {
 public:
  // Brings a shard's rows, as encode_shard() has them, from the coordinator; blocks.
  using Ask = std::function<Bytes(ShardId)>;

  // `work` and `stop` must outlive it. Throws Error where `work` contradicts itself.
  ShardStore(const Work& work, std::string ca_file, Ask ask, const std::atomic<bool>& stop);

  // False: it is held already. Throws Error, naming the shard and the source, where it is not to be
  // had. Once `stop` is set, what waits for a peer ends with an Error.
  bool load(ShardId shard);
  std::int64_t nonzeros(ShardId shard) const;  // below 0: it is not held

  // With the rows of what is held. Without a regulariser, which no worker needs.
  const Problem& problem() const { return problem_; }

 private:
  Dataset made(ShardId shard) const;
  Bytes fetched(ShardId shard) const;

  const Work& work_;
  std::string ca_file_;
  Ask ask_;
  const std::atomic<bool>& stop_;
  Problem problem_;
};

}  // namespace laggard
