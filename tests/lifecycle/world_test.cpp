// The life cycle in many random worlds. A failure prints the command that replays it.
#include "tests/lifecycle/world.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace laggard::testing {
namespace {

std::uint64_t environment(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value ? std::strtoull(value, nullptr, 10) : otherwise;
}

// Without faults no task is lost, and no worker outlives its function's timeout.
void check_undisturbed(const Plan& plan, const World& world) {
  EXPECT_EQ(world.lost(), 0);
  for (WorkerId w = 0; w < plan.workers; ++w) {
    EXPECT_EQ(world.life().losses(w), 0);
    if (plan.timeout == kForever) {
      EXPECT_EQ(world.life().hand_overs(w), 0);
    } else {
      EXPECT_GE(world.life().hand_overs(w), world.now() / plan.timeout - 1);
    }
  }
  for (const LifeRow& row : world.life().rows())
    if (plan.timeout != kForever) {
      EXPECT_LE(row.ended - row.invoked, plan.timeout);
    }
}

// LAGGARD_SEEDS runs so many, LAGGARD_FIRST_SEED from another one on.
TEST(LifecycleWorld, NoTaskIsLostForEverAnsweredTwiceOrWithTwoWorkersForAnySeed) {
  const std::uint64_t first = environment("LAGGARD_FIRST_SEED", 1),
                      count = environment("LAGGARD_SEEDS", 10'000);
  std::int64_t lost = 0, hand_overs = 0, undisturbed_hand_overs = 0, faults = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const Plan plan(seed);
    World world(plan);
    try {
      world.run();
      EXPECT_GE(world.answered(), plan.workers * plan.rounds);
      if (plan.faultless) check_undisturbed(plan, world);
    } catch (const std::exception& error) {
      ADD_FAILURE() << "at " << to_seconds(world.now()) << " s: " << error.what();
    }
    ASSERT_FALSE(HasFailure())
        << "to replay: LAGGARD_FIRST_SEED=" << seed
        << " LAGGARD_SEEDS=1 test_lifecycle --gtest_filter='LifecycleWorld.*'";
    lost += world.lost();
    faults += world.faults();
    for (WorkerId w = 0; w < plan.workers; ++w) {
      hand_overs += world.life().hand_overs(w);
      if (plan.faultless) undisturbed_hand_overs += world.life().hand_overs(w);
    }
  }
  if (count < 1000) return;
  // The worlds are as rough as they are meant to be.
  EXPECT_GT(faults, static_cast<std::int64_t>(10 * count));
  EXPECT_GT(lost, static_cast<std::int64_t>(count));
  EXPECT_GT(hand_overs, static_cast<std::int64_t>(count));
  EXPECT_GT(undisturbed_hand_overs, static_cast<std::int64_t>(count / 10));
}

}  // namespace
}  // namespace laggard::testing
