// --wire f32: what is rounded, on every fleet alike, and what messages then weigh.
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace laggard::testing {
namespace {

constexpr const char* kMethods[] = {"admm",     "linearized_admm", "fista", "agd",      "gd",
                                    "nesterov", "fedavg",          "sgd",   "local_sgd"};

Testbed bed_of(const std::string& method, Precision precision) {
  Testbed bed;
  bed.problem = load("heart", 4, "logistic", needs_smooth(method) ? "l2:1" : "l1:1");
  bed.workers = 4;
  bed.method = method;
  bed.precision = precision;
  bed.session.stopping.rule = StopRule::none;
  bed.session.max_rounds = 30;
  return bed;
}

bool all_floats(const Vector& vector) {
  for (const double v : vector)
    if (static_cast<double>(static_cast<float>(v)) != v) return false;
  return true;
}

TEST(Precision, FloatsGiveTheSameBitsOnEveryFleet) {
  for (const char* method : kMethods) {
    const Testbed bed = bed_of(method, Precision::f32);
    const auto on_sim = bed.run("sync").summary.iterate_digest;
    EXPECT_EQ(on_sim, bed.run("sync", true).summary.iterate_digest) << method;
    EXPECT_NE(on_sim, bed_of(method, Precision::f64).run("sync").summary.iterate_digest) << method;
  }
}

// Rounding to 24 bits moves z by 6e-8 of itself at most; a round's error does not add up.
TEST(Precision, FloatsHardlyMoveTheObjective) {
  for (const char* method : kMethods) {
    Testbed doubles = bed_of(method, Precision::f64), floats = bed_of(method, Precision::f32);
    const double expected = doubles.run("sync").summary.last.objective;
    EXPECT_NEAR(floats.run("sync").summary.last.objective, expected, 1e-5 * expected) << method;
  }
}

TEST(Precision, EveryNumberThatCrossesIsAFloatButOmega) {
  static const std::atomic<bool> never{false};
  for (const char* name : kMethods) {
    const Testbed bed = bed_of(name, Precision::f32);
    const MethodHalves halves = halves_of(bed.method, bed.problem, {}, bed.precision);
    Workspace scratch;
    bool omega_is_finer = false;
    for (int round = 0; round < 5; ++round) {
      for (ShardId p = 0; p < 4; ++p) {
        Task task;
        task.shard = p;
        halves.coordinator->form(task);
        EXPECT_EQ(task.precision, Precision::f32);
        EXPECT_TRUE(all_floats(*task.z)) << name;
        for (const Operand& operand : task.operands) omega_is_finer |= !all_floats(*operand.value);
        Contribution contribution = halves.worker->compute(task, scratch, never);
        ASSERT_EQ(contribution.vectors.size(), 1u);
        EXPECT_GT(contribution.vectors[0].norm(), 0) << name;
        EXPECT_TRUE(all_floats(contribution.vectors[0])) << name;
        halves.coordinator->accept(task, std::move(contribution));
      }
      halves.coordinator->update();
      EXPECT_TRUE(all_floats(*halves.coordinator->z())) << name;
    }
    EXPECT_EQ(omega_is_finer, std::string(name) == "admm");
  }
}

TEST(Precision, ResidualsAreOfTheRoundedIterate) {
  static const std::atomic<bool> never{false};
  const Testbed bed = bed_of("admm", Precision::f32);
  const MethodHalves halves = halves_of(bed.method, bed.problem, {}, bed.precision);
  Workspace scratch;
  std::vector<Vector> x;
  for (ShardId p = 0; p < 4; ++p) {
    Task task;
    task.shard = p;
    halves.coordinator->form(task);
    Contribution contribution = halves.worker->compute(task, scratch, never);
    x.push_back(contribution.vectors.at(0));
    halves.coordinator->accept(task, std::move(contribution));
  }
  const Residuals residuals = halves.coordinator->update();
  double primal = 0;
  for (const Vector& each : x) primal += (each - *halves.coordinator->z()).squaredNorm();
  EXPECT_DOUBLE_EQ(residuals.primal, std::sqrt(primal));
}

TEST(Precision, FloatsWeighFourBytesAndTheDualEight) {
  constexpr std::int64_t kHeader = kMessageHeaderBytes, kTasks = 30 * 4;
  for (const char* method : kMethods) {
    const std::string_view name = method;
    const std::int64_t value = name == "admm" || name == "local_sgd" ? 0 : name == "sgd" ? 16 : 8;
    Testbed bed = bed_of(method, Precision::f32);
    if (bed.method == "admm") bed.method_options = kTextbook;
    const auto floats = bed.run("sync").summary;
    EXPECT_EQ(floats.bytes_down, kTasks * (kHeader + 4 * 13)) << method;
    EXPECT_EQ(floats.bytes_up, kTasks * (kHeader + 4 * 13 + value)) << method;
    bed.precision = Precision::f64;
    const auto doubles = bed.run("sync").summary;
    EXPECT_EQ(doubles.bytes_down, kTasks * (kHeader + 8 * 13)) << method;
  }
  const Testbed bed = bed_of("admm", Precision::f32);
  Task task;
  halves_of(bed.method, bed.problem, kTextbook, bed.precision).coordinator->form(task);
  EXPECT_EQ(size_of_task(task, 0).bytes, kHeader + 4 * 13);
  EXPECT_EQ(size_of_task(task, 1).bytes, kHeader + 4 * 13 + 8 * 13);
  EXPECT_EQ(MessageSize().bytes, kHeader);
}

TEST(Precision, AMessageOfFloatsTakesHalfTheTimeOnTheLink) {
  const auto seconds = [](Precision precision) {
    Testbed bed = bed_of("admm", precision);
    bed.method_options = kTextbook;
    bed.straggler = "fixed:1,1,1,1";
    bed.session.max_rounds = 1;
    bed.network.bandwidth = 100;  // bytes a second
    return bed.run("sync").summary.fleet_seconds;
  };
  // Down and up: 64 + 8 x 13 = 168 bytes, or 64 + 4 x 13 = 116.
  EXPECT_NEAR(seconds(Precision::f64), 1 + 2 * 1.68, 1e-9);
  EXPECT_NEAR(seconds(Precision::f32), 1 + 2 * 1.16, 1e-9);
}

}  // namespace
}  // namespace laggard::testing
