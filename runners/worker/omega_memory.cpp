#include "runners/worker/omega_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace laggard {

SharedVector OmegaMemory::take(ShardId shard, TaskId omega_of, Vector sent) {
  Held& held = held_[shard];
  SharedVector omega;
  if (sent.size() > 0) {
    omega = std::make_shared<Vector>(std::move(sent));
  } else if (omega_of < 0) {
    omega = zero_;
  } else if (held.base.first == omega_of) {
    omega = held.base.second;
  } else {
    const auto own = std::find_if(held.newest.begin(), held.newest.end(),
                                  [&](const Entry& entry) { return entry.first == omega_of; });
    if (own == held.newest.end())
      throw std::runtime_error(fmt::format(
          "the worker does not hold the x + u of report {} on shard {}", omega_of, shard));
    omega = own->second;
  }
  held.base = {omega_of, omega};
  return omega;
}

void OmegaMemory::remember(ShardId shard, TaskId id, Vector omega) {
  std::deque<Entry>& newest = held_[shard].newest;
  newest.emplace_back(id, std::make_shared<Vector>(std::move(omega)));
  if (newest.size() > kNewest) newest.pop_front();
}

}  // namespace laggard
