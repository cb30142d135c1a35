#include "runners/worker/omega_memory.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace laggard {
namespace {

constexpr int kFeatures = 3;
Vector vector_of(double value) { return Vector::Constant(kFeatures, value); }

TEST(OmegaMemory, NobodysReportIsZero) {
  OmegaMemory memory(kFeatures);
  EXPECT_EQ(*memory.take(0, -1, {}), vector_of(0));
}

TEST(OmegaMemory, WhatWasNeitherSentNorItsOwnIsNotHeld) {
  OmegaMemory memory(kFeatures);
  memory.remember(0, 1, vector_of(1));
  EXPECT_THROW(memory.take(1, 1, {}), std::runtime_error);  // another shard's
  EXPECT_THROW(memory.take(0, 2, {}), std::runtime_error);
}

// What the coordinator counts on: after a task with the omega of k, k's and the newest report that
// it has seen, which may not be the newest that there is.
TEST(OmegaMemory, HoldsTheBaseOfTheLastTaskAndItsOwnNewestReports) {
  OmegaMemory memory(kFeatures);
  memory.take(0, 90, vector_of(90));
  for (TaskId id = 1; id <= 4; ++id) memory.remember(0, id, vector_of(static_cast<double>(id)));
  EXPECT_EQ(*memory.take(0, 90, {}), vector_of(90));
  EXPECT_EQ(*memory.take(0, 3, {}), vector_of(3));
  for (TaskId id = 5; id <= 40; ++id) memory.remember(0, id, vector_of(static_cast<double>(id)));
  EXPECT_EQ(*memory.take(0, 3, {}), vector_of(3));
  EXPECT_EQ(*memory.take(0, 40, {}), vector_of(40));
  EXPECT_EQ(*memory.take(0, 39, {}), vector_of(39));
}

TEST(OmegaMemory, ForgetsTheRest) {
  OmegaMemory memory(kFeatures);
  memory.take(0, 90, vector_of(90));
  for (TaskId id = 1; id <= 40; ++id) memory.remember(0, id, vector_of(static_cast<double>(id)));
  memory.take(0, 40, {});
  EXPECT_THROW(memory.take(0, 90, {}), std::runtime_error);
  EXPECT_THROW(memory.take(0, 1, {}), std::runtime_error);
}

}  // namespace
}  // namespace laggard
