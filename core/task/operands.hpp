// Which operands an incarnation of a worker holds: one cache, at both ends of the wire.
#pragma once

#include "core/task/task.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

namespace laggard {

// After a task with an operand, a worker holds that one for the shard and the place (its base), and
// the newest of those that it formed of its own reports.
template <class Value, std::size_t kNewest>
class OperandCache {
 public:
  // Null if it is not held.
  const Value* find(ShardId shard, int place, OperandName name) const {
    const auto found = seek(shard, place);
    if (found == held_.end() || found->shard != shard || found->place != place) return nullptr;
    if (found->base.first == name) return &found->base.second;
    for (const Entry& own : found->newest)
      if (own.first == name) return &own.second;
    return nullptr;
  }
  void set_base(ShardId shard, int place, OperandName name, Value value) {
    at(shard, place).base = {name, std::move(value)};
  }
  void add_own(ShardId shard, int place, OperandName name, Value value) {
    std::vector<Entry>& newest = at(shard, place).newest;
    if (newest.size() == kNewest) newest.erase(newest.begin());
    newest.emplace_back(name, std::move(value));
  }

 private:
  using Entry = std::pair<OperandName, Value>;
  struct Held {
    ShardId shard = 0;
    int place = 0;
    Entry base{kZeroOperand, Value{}};
    std::vector<Entry> newest;
  };
  // Where it is, or would be.
  auto seek(ShardId shard, int place) const {
    return std::lower_bound(held_.begin(), held_.end(), std::pair(shard, place),
                            [](const Held& held, const std::pair<ShardId, int>& key) {
                              return std::pair(held.shard, held.place) < key;
                            });
  }
  Held& at(ShardId shard, int place) {
    const auto found = held_.begin() + (seek(shard, place) - held_.cbegin());
    if (found != held_.end() && found->shard == shard && found->place == place) return *found;
    Held held;
    held.shard = shard;
    held.place = place;
    return *held_.insert(found, std::move(held));
  }

  std::vector<Held> held_;  // by shard and place
};

// What a worker keeps. The coordinator counts on the newest report that it has seen, while newer
// ones may be on their way.
using HeldOperands = OperandCache<SharedVector, 4>;

// The coordinator's mirror of one incarnation's.
class KnownOperands {
 public:
  // The task is sent: the bits of those operands that have to go along.
  std::uint32_t send(const Task& task) {
    std::uint32_t missing = 0;
    for (int i = 0; i < static_cast<int>(task.operands.size()); ++i) {
      const OperandName name = task.operands[static_cast<std::size_t>(i)].name;
      if (name == kZeroOperand) continue;
      if (!names_.find(task.shard, i, name)) missing |= std::uint32_t{1} << i;
      names_.set_base(task.shard, i, name, {});
    }
    return missing;
  }
  // Its report has come, with a contribution.
  void reported(ShardId shard, TaskId id, const std::vector<int>& kept) {
    for (const int place : kept) names_.add_own(shard, place, id, {});
  }

 private:
  OperandCache<std::monostate, 1> names_;
};

}  // namespace laggard
