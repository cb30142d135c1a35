// The sum of what is too short to be timed each time, on a clock that the test sets.
#include "core/task/stopwatch.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

using namespace std::chrono_literals;

struct SetClock {
  using time_point = std::chrono::time_point<SetClock, Time>;
  using duration = Time;
  static time_point now() {
    ++reads;
    return time_point(at);
  }
  static inline Time at{};
  static inline int reads = 0;
};

void pass(LapTime<SetClock>& laps, int times, Time each) {
  for (int i = 0; i < times; ++i) {
    const LapTime<SetClock>::Lap lap(laps);
    SetClock::at += each;
  }
}

TEST(LapTime, LongLapsAreAllTimed) {
  LapTime<SetClock> laps;
  const int before = SetClock::reads;
  pass(laps, 10, 1us);
  EXPECT_EQ(laps.sum(), 10us);
  EXPECT_EQ(SetClock::reads - before, 20);
}

TEST(LapTime, OfShortLapsOneInSevenIsTimedForAll) {
  LapTime<SetClock> laps;
  const int before = SetClock::reads;
  pass(laps, 1 + 7 * 100, 50ns);
  EXPECT_EQ(laps.sum(), (1 + 7 * 100) * 50ns);
  EXPECT_EQ(SetClock::reads - before, 2 * 101);
}

// Whatever the others took, a lap is timed with six that were not.
TEST(LapTime, ALapStandsForThoseBeforeItThatWereNotTimed) {
  LapTime<SetClock> laps;
  pass(laps, 1, 50ns);
  pass(laps, 6, 80ns);  // not timed
  EXPECT_EQ(laps.sum(), 50ns);
  pass(laps, 1, 2us);
  EXPECT_EQ(laps.sum(), 50ns + 7 * 2us);
  pass(laps, 1, 3us);  // a long one has the next one timed
  EXPECT_EQ(laps.sum(), 50ns + 7 * 2us + 3us);
}

}  // namespace
}  // namespace laggard::testing
