// Which operands an incarnation of a worker holds: one cache, at both ends of the wire.
#pragma once

#include "core/task/task.hpp"

#include <cstddef>
#include <deque>
#include <unordered_map>
#include <utility>
#include <variant>

namespace laggard {

// After a task with an operand, a worker holds that one for the shard and the place (its base), and
// the newest of those that it formed of its own reports.
template <class Value, std::size_t kNewest>
class OperandCache {
 public:
  // Null if it is not held.
  const Value* find(ShardId shard, int place, OperandName name) const {
    const auto found = held_.find(key(shard, place));
    if (found == held_.end()) return nullptr;
    const Held& held = found->second;
    if (held.base.first == name) return &held.base.second;
    for (const Entry& own : held.newest)
      if (own.first == name) return &own.second;
    return nullptr;
  }
  void set_base(ShardId shard, int place, OperandName name, Value value) {
    held_[key(shard, place)].base = {name, std::move(value)};
  }
  void add_own(ShardId shard, int place, OperandName name, Value value) {
    std::deque<Entry>& newest = held_[key(shard, place)].newest;
    newest.emplace_back(name, std::move(value));
    if (newest.size() > kNewest) newest.pop_front();
  }

 private:
  using Entry = std::pair<OperandName, Value>;
  struct Held {
    Entry base{kZeroOperand, Value{}};
    std::deque<Entry> newest;
  };
  static std::int64_t key(ShardId shard, int place) {
    return std::int64_t{shard} * kMostOperands + place;
  }

  std::unordered_map<std::int64_t, Held> held_;
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
