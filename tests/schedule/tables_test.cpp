// What the simulator keeps its flights and its agenda in, against the containers of the library.
#include "core/task/task_table.hpp"
#include "runners/fleets/sim/event_queue.hpp"

#include <gtest/gtest.h>

#include <map>
#include <queue>
#include <random>
#include <tuple>

namespace laggard::testing {
namespace {

TEST(TaskTable, IsAMap) {
  constexpr unsigned kSeed = 12;
  std::mt19937 random(kSeed);
  TaskTable<int> table;
  std::map<TaskId, int> map;
  TaskId next = 0;
  for (int step = 0; step < 20000; ++step) {
    // Grows to some hundred, shrinks to nothing, and grows again; some stay very long.
    const bool grows = (step / 500) % 2 == 0 ? random() % 4 > 0 : random() % 4 == 0;
    if (grows || map.empty()) {
      const TaskId id = next += 1 + static_cast<TaskId>(random() % 3);
      map[id] = step;
      table.add(id) = step;
    } else {
      const auto gone = std::next(map.begin(), static_cast<std::ptrdiff_t>(random() % map.size()));
      table.erase(gone->first);
      map.erase(gone);
    }
    ASSERT_EQ(table.empty(), map.empty());
    const TaskId asked = static_cast<TaskId>(random()) % (next + 1);
    const auto known = map.find(asked);
    const int* const found = table.find(asked);
    ASSERT_EQ(found ? *found : -1, known == map.end() ? -1 : known->second)
        << "seed " << kSeed << ", step " << step;
  }
  std::map<TaskId, int> all;
  table.for_each([&](TaskId id, int value) { all.emplace(id, value); });
  EXPECT_EQ(all, map);
}

TEST(TaskTable, ValuesStayWhereTheyAre) {
  TaskTable<int> table;
  int& first = table.add(7);
  first = 70;
  for (TaskId id = 8; id < 1000; ++id) table.add(id) = 0;
  EXPECT_EQ(table.find(7), &first);
  EXPECT_EQ(first, 70);
}

TEST(EventQueue, ServesByTimeThenOrderThenStage) {
  using Key = std::tuple<Time, std::int64_t, int>;
  constexpr unsigned kSeed = 3;
  std::mt19937 random(kSeed);
  EventQueue queue;
  std::priority_queue<Key, std::vector<Key>, std::greater<>> expected;
  for (int step = 0; step < 20000; ++step) {
    ASSERT_EQ(queue.empty(), expected.empty()) << step;
    if (expected.empty() || random() % 2 == 0) {
      // Few times and orders, so that there are ties.
      const Event event{Time(random() % 50), static_cast<std::int64_t>(random() % 20),
                        static_cast<int>(random() % 5)};
      queue.push(event);
      expected.emplace(event.when, event.order, event.stage);
    } else {
      const Event event = queue.pop();
      ASSERT_EQ(Key(event.when, event.order, event.stage), expected.top()) << "seed " << kSeed;
      expected.pop();
    }
  }
}

}  // namespace
}  // namespace laggard::testing
