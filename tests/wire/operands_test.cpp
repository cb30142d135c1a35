// What a worker keeps of operands, and what the coordinator counts on.
#include "core/task/operands.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace laggard {
namespace {

SharedVector vector_of(double value) {
  return std::make_shared<const Vector>(Vector::Constant(3, value));
}

Task task_of(TaskId id, ShardId shard, std::vector<OperandName> names) {
  Task task;
  task.id = id;
  task.shard = shard;
  for (const OperandName name : names)
    task.operands.push_back({name, vector_of(static_cast<double>(name))});
  return task;
}

TEST(HeldOperands, WhatWasNeitherSentNorItsOwnIsNotHeld) {
  HeldOperands held;
  held.add_own(0, 0, 1, vector_of(1));
  ASSERT_TRUE(held.find(0, 0, 1));
  EXPECT_FALSE(held.find(1, 0, 1)) << "another shard's";
  EXPECT_FALSE(held.find(0, 1, 1)) << "another place's";
  EXPECT_FALSE(held.find(0, 0, 2));
}

// What the coordinator counts on: after a task with operand k, k and the newest report that it has
// seen, which may not be the newest that there is.
TEST(HeldOperands, HoldTheBaseOfTheLastTaskAndItsOwnNewestReports) {
  HeldOperands held;
  held.set_base(0, 0, 90, vector_of(90));
  for (TaskId id = 1; id <= 4; ++id) held.add_own(0, 0, id, vector_of(static_cast<double>(id)));
  ASSERT_TRUE(held.find(0, 0, 90));
  EXPECT_EQ(**held.find(0, 0, 90), *vector_of(90));
  ASSERT_TRUE(held.find(0, 0, 3));
  EXPECT_EQ(**held.find(0, 0, 3), *vector_of(3));
  held.set_base(0, 0, 3, *held.find(0, 0, 3));
  for (TaskId id = 5; id <= 40; ++id) held.add_own(0, 0, id, vector_of(static_cast<double>(id)));
  for (const OperandName name : {3, 40, 39}) {
    ASSERT_TRUE(held.find(0, 0, name)) << name;
    EXPECT_EQ(**held.find(0, 0, name), *vector_of(static_cast<double>(name)));
  }
}

TEST(HeldOperands, ForgetTheRest) {
  HeldOperands held;
  held.set_base(0, 0, 90, vector_of(90));
  for (TaskId id = 1; id <= 40; ++id) held.add_own(0, 0, id, vector_of(static_cast<double>(id)));
  held.set_base(0, 0, 40, vector_of(40));
  EXPECT_FALSE(held.find(0, 0, 90));
  EXPECT_FALSE(held.find(0, 0, 1));
}

TEST(KnownOperands, GoAlongWhereTheWorkerHoldsNeitherTheBaseNorItsNewestReport) {
  KnownOperands known;
  EXPECT_EQ(known.send(task_of(1, 0, {kZeroOperand})), 0u) << "anybody can form it";
  EXPECT_EQ(known.send(task_of(2, 0, {7, 7})), 3u) << "by place";
  EXPECT_EQ(known.send(task_of(3, 0, {7, 8})), 2u);
  EXPECT_EQ(known.send(task_of(4, 1, {7, 8})), 3u) << "by shard";
  EXPECT_EQ(known.send(task_of(5, 0, {kZeroOperand, 8})), 0u);
  EXPECT_EQ(known.send(task_of(6, 0, {7, 8})), 0u) << "zeros are no base";
  known.reported(0, 6, {0});
  EXPECT_EQ(known.send(task_of(7, 0, {6, 6})), 2u) << "it keeps the first alone";
  EXPECT_EQ(known.send(task_of(8, 0, {7, 6})), 1u);
  known.reported(0, 7, {0});
  known.reported(0, 8, {0});
  EXPECT_EQ(known.send(task_of(9, 0, {7, 6})), 0u);
  EXPECT_EQ(known.send(task_of(10, 0, {8, 6})), 0u);
  EXPECT_EQ(known.send(task_of(11, 0, {7, 6})), 1u) << "one report and one base are counted on";
}

// A worker with up to three tasks of a shard under way, whose operands are zero, new, old, or of
// reports that have come: it always holds what is not sent.
TEST(KnownOperands, NeverCountOnWhatTheWorkerDoesNotHold) {
  constexpr int kShards = 2, kPlaces = 2;
  std::int64_t spared = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    HeldOperands held;
    KnownOperands known;
    struct Sent {
      Task task;
      std::uint32_t along;
    };
    std::deque<Sent> under_way;
    std::deque<Sent> reports;
    std::vector<std::vector<OperandName>> names(kShards, {kZeroOperand});
    for (TaskId id = 0; id < 300; ++id) {
      const auto shard = static_cast<ShardId>(random() % kShards);
      auto& of_shard = names[static_cast<std::size_t>(shard)];
      if (random() % 4 == 0) of_shard.push_back(1000 + id);
      const auto pick = [&] {
        return of_shard[of_shard.size() - 1 - random() % std::min<std::size_t>(of_shard.size(), 3)];
      };
      const OperandName first = pick();
      const Task task = task_of(id, shard, {first, random() % 2 ? first : pick()});
      under_way.push_back({task, known.send(task)});
      // Tasks are served, and reports come, in order and late.
      while (under_way.size() + reports.size() > random() % 4) {
        if (!under_way.empty() && (reports.empty() || random() % 2 == 0)) {
          const Sent next = std::move(under_way.front());
          under_way.pop_front();
          for (int place = 0; place < kPlaces; ++place) {
            const Operand& operand = next.task.operands[static_cast<std::size_t>(place)];
            if (operand.name == kZeroOperand) continue;
            if (!(next.along >> place & 1)) {
              ++spared;
              const SharedVector* value = held.find(next.task.shard, place, operand.name);
              ASSERT_TRUE(value) << "seed " << seed << ", task " << next.task.id;
              ASSERT_EQ(**value, *operand.value);
            }
            held.set_base(next.task.shard, place, operand.name, operand.value);
          }
          held.add_own(next.task.shard, 0, next.task.id,
                       vector_of(static_cast<double>(next.task.id)));
          reports.push_back(next);
        } else {
          known.reported(reports.front().task.shard, reports.front().task.id, {0});
          names[static_cast<std::size_t>(reports.front().task.shard)].push_back(
              reports.front().task.id);
          reports.pop_front();
        }
      }
    }
  }
  EXPECT_GT(spared, 10'000);
}

}  // namespace
}  // namespace laggard
