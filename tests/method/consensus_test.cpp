#include "methods/admm/consensus.hpp"
#include "core/io/error.hpp"
#include "core/method/stopping.hpp"
#include "core/problem/regularizer.hpp"
#include "core/problem/vector_ops.hpp"
#include "tests/method/dense_problem.hpp"
#include "tests/support/methods.hpp"
#include "tests/support/small_problem.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace laggard {
namespace {

// The answer x to a task whose u' is u.
void accept(Consensus& method, ShardId shard, SharedVector z, double rho, const Vector& x,
            const Vector& u) {
  Task task;
  task.shard = shard;
  task.scalars = {rho, 1};
  task.operands = {{0, std::make_shared<Vector>(u + *z)}};
  task.z = std::move(z);
  Contribution contribution;
  contribution.vectors.push_back(x);
  method.accept(task, std::move(contribution));
}

TEST(Consensus, UpdateIsTheProxOfTheWeightedMean) {
  const auto h = make_regularizer("l2:3");
  Consensus method(*h, 2, 4,
                   {.rho = 2, .relaxation = 1, .policy = {10, 1}, .gamma = 0, .literal = false});
  const SharedVector z0 = method.z();
  const Vector x0 = noise(4, 1), u0 = noise(4, 2), x1 = noise(4, 3), u1 = noise(4, 4);
  accept(method, 0, z0, 2, x0, u0);
  accept(method, 1, z0, 6, x1, u1);
  method.update();
  const Vector v = (2 * (x0 + u0) + 6 * (x1 + u1)) / 8;
  const Vector z = v / (1 + 3.0 / 8);  // prox of lambda/2 |.|^2 at t = 1/8
  EXPECT_LE((*method.z() - z).norm(), 1e-14);
}

TEST(Consensus, ResidualsAreThoseOfTheDefinition) {
  const auto h = make_regularizer("none");
  Consensus method(*h, 2, 3,
                   {.rho = 2, .relaxation = 1, .policy = {10, 1}, .gamma = 0, .literal = false});
  const SharedVector z0 = method.z();
  const Vector x0 = noise(3, 1), u0 = noise(3, 2), x1 = noise(3, 3), u1 = noise(3, 4);
  accept(method, 0, z0, 2, x0, u0);
  EXPECT_FALSE(method.update().all_accepted);
  const SharedVector z1 = method.z();
  accept(method, 1, z1, 2, x1, u1);  // shard 0 still stands on z0
  const Residuals r = method.update();
  const Vector& z = *method.z();
  EXPECT_TRUE(r.all_accepted);
  EXPECT_NEAR(r.primal, std::sqrt((x0 - z).squaredNorm() + (x1 - z).squaredNorm()), 1e-14);
  EXPECT_NEAR(r.dual, 2 * std::sqrt((z - *z0).squaredNorm() + (z - *z1).squaredNorm()), 1e-14);
  EXPECT_NEAR(r.norm_x, std::sqrt(x0.squaredNorm() + x1.squaredNorm()), 1e-14);
  EXPECT_NEAR(r.norm_y, 2 * std::sqrt(u0.squaredNorm() + u1.squaredNorm()), 1e-14);
  EXPECT_NEAR(r.norm_z, std::sqrt(2) * z.norm(), 1e-14);
  EXPECT_EQ(r.blocks, 2);
}

TEST(Consensus, RelaxationBlendsTheTasksOwnZ) {
  const auto h = make_regularizer("none");
  Consensus method(*h, 1, 3,
                   {.rho = 1, .relaxation = 1.6, .policy = {10, 1}, .gamma = 0, .literal = false});
  const SharedVector z0 = std::make_shared<Vector>(noise(3, 9));
  const Vector x = noise(3, 1), u = noise(3, 2);
  accept(method, 0, z0, 1, x, u);
  method.update();
  EXPECT_LE((*method.z() - (1.6 * x + (1 - 1.6) * *z0 + u)).norm(), 1e-14);
}

// The answer x to a task of the method's own.
void answer(Consensus& method, const Task& task, const Vector& x) {
  Contribution contribution;
  contribution.vectors.push_back(x);
  method.accept(task, std::move(contribution));
}

Task formed(const Consensus& method, ShardId shard) {
  static TaskId id = 0;
  Task task;
  task.id = ++id;
  task.shard = shard;
  method.form(task);
  return task;
}

// Three updates of two shards; before the second and the third, which mix, one more task of shard 0
// is under way. A report that comes after a point was taken moves z by half of its own step, and by
// no more: it does not undo the point.                                                 [math 2.8]
TEST(Consensus, ALateReportAddsItsStepToWhatAPointHasMade) {
  constexpr double kRelaxation = 1.5;
  const auto h = make_regularizer("none");
  Consensus method(*h, 2, 3, {.rho = 1, .relaxation = kRelaxation, .policy = {10, 1}, .memory = 3});
  for (unsigned round = 1; round <= 3; ++round) {
    answer(method, formed(method, 0), noise(3, 10 * round));
    const Task under_way = formed(method, 0);
    answer(method, formed(method, 1), noise(3, 10 * round + 1));
    const Vector plain_z = *method.z();
    method.update();  // a point: every shard has stepped
    const Vector z = *method.z();
    EXPECT_GT((z - plain_z).norm(), 1e-3);
    const Vector x = noise(3, 10 * round + 2);
    answer(method, under_way, x);
    method.update();  // no point, for shard 1 has not stepped
    const Vector step = kRelaxation * (x - *under_way.z);
    EXPECT_LE((*method.z() - (z + step / 2)).norm(), 1e-12) << round;
  }
}

// The same without a report under way: z is then the mean of omega_p, mixed or not, so that a shard
// that steps twice within an epoch counts with its last step.
TEST(Consensus, APointWaitsForEveryShard) {
  const auto h = make_regularizer("none");
  Consensus method(*h, 2, 3, {.rho = 1, .relaxation = 1, .policy = {10, 1}, .memory = 3});
  answer(method, formed(method, 0), noise(3, 1));
  answer(method, formed(method, 1), noise(3, 2));
  method.update();
  for (unsigned round = 3; round < 12; ++round) {  // shard 1 is silent: no point, nothing is mixed
    const Task task = formed(method, 0);
    const Vector before = *method.z(), x = noise(3, round);
    answer(method, task, x);
    method.update();
    EXPECT_LE((*method.z() - (before + (x - *task.z) / 2)).norm(), 1e-12) << round;
  }
}

// Of two reports that answer tasks of one moment the later one counts alone, whatever was worked
// out when the first one came.
TEST(Consensus, APointIsOfTheLastStepsOfItsEpoch) {
  const auto h = make_regularizer("l2:1");
  const ConsensusOptions options{.rho = 1, .relaxation = 1.5, .policy = {10, 1}, .memory = 3};
  Consensus once(*h, 2, 5, options), twice(*h, 2, 5, options);
  for (unsigned round = 0; round < 8; ++round) {
    const Vector z = *once.z();
    const Task superseded = formed(twice, 0);
    for (Consensus* method : {&once, &twice}) {
      const Task first = formed(*method, 0), second = formed(*method, 1);
      if (method == &twice) answer(*method, superseded, noise(5, 100 + round));
      answer(*method, first, 0.5 * z + noise(5, 10 * round));
      answer(*method, second, 0.3 * z - noise(5, 10 * round + 1));
      method->update();
    }
    ASSERT_EQ(*once.z(), *twice.z()) << round;
  }
}

// P shards with f_p(x) = sum_j c_pj (x_j - centre_pj)^2 / 2 and h(x) = norm(x)^2 / 2. Rounds in
// which all report once, and, where they are asked for, rounds in which some report twice, of older
// z or not at all.
class Averaging {
 public:
  static constexpr int kFeatures = 9;
  static constexpr double kRho = 0.7;

  Averaging(int shards, bool ragged, int memory)
      : ragged_(ragged),
        options_{.rho = kRho, .relaxation = 1.5, .policy = {10, 1}, .memory = memory},
        method_(std::make_unique<Consensus>(*h_, shards, kFeatures, options_)),
        x_(std::size_t(shards), Vector::Zero(kFeatures)),
        late_(std::size_t(shards)) {}

  Residuals round() {
    for (ShardId p = 0; p < method_->shards(); ++p) {
      const unsigned kind = ragged_ && round_ % 3 != 0 ? random_() % 4 : 0;
      Task task = formed(*method_, p);
      if (kind == 1) continue;
      if (kind == 2) {
        answer_to(task);
        task = formed(*method_, p);
      }
      if (kind == 3) std::swap(task, late_[std::size_t(p)]);
      if (task.z) answer_to(task);
    }
    ++round_;
    return method_->update();
  }

  // As if the run had ended here and gone on from its checkpoint.
  void resume() {
    StateArchive written;
    method_->persist(written);
    const std::string bytes = written.take();
    StateArchive archive(bytes);
    method_ = std::make_unique<Consensus>(*h_, method_->shards(), kFeatures, options_);
    method_->persist(archive);
    archive.finish();
    std::fill(late_.begin(), late_.end(), Task{});
  }
  void forget_late_tasks() { std::fill(late_.begin(), late_.end(), Task{}); }

  const Consensus& method() const { return *method_; }
  const Vector& x(ShardId p) const { return x_[std::size_t(p)]; }

 private:
  void answer_to(const Task& task) {
    const Vector u = AdmmTask(task).rescaled_dual();
    const Vector centre = Vector::Ones(kFeatures) + noise(kFeatures, 500 + unsigned(task.shard));
    Vector& x = x_[std::size_t(task.shard)];
    const Vector c =
        Vector::Constant(kFeatures, 1.2) + noise(kFeatures, 900 + unsigned(task.shard));
    x = (c.array() * centre.array() + kRho * (*task.z - u).array()) / (c.array() + kRho);
    answer(*method_, task, x);
  }

  bool ragged_;
  std::unique_ptr<const Regularizer> h_ = make_regularizer("l2:1");
  ConsensusOptions options_;
  std::unique_ptr<Consensus> method_;
  std::vector<Vector> x_;
  std::vector<Task> late_;  // under way since some round before
  std::mt19937 random_{7};
  int round_ = 0;
};

// What the workers form, shard by shard, has the sum that the coordinator mixed of its sums.
TEST(Consensus, TheTotalOfMixturesIsTheMixtureOfTotals) {
  for (const bool ragged : {false, true}) {
    for (const int shards : {1, 2, 5, 16}) {
      Averaging run(shards, ragged, 3);
      int mixed = 0;
      for (int round = 0; round < 30; ++round) {
        run.round();
        Vector sum = Vector::Zero(Averaging::kFeatures);
        for (ShardId p = 0; p < shards; ++p) {
          const Task task = formed(run.method(), p);
          const auto coefficients = AdmmTask(task).coefficients();
          for (std::size_t i = 0; i < coefficients.size(); ++i)
            sum += coefficients[i] * *task.operands[i].value;
          if (p == 0) mixed += std::count(coefficients.begin(), coefficients.end(), 0.0) < 6;
        }
        const Vector& z = *run.method().z();
        const Vector expected = sum / (shards + 1 / Averaging::kRho);  // prox of h at the mean
        EXPECT_LE((expected - z).norm(), 1e-13 * (1 + z.norm())) << shards << ' ' << round;
      }
      EXPECT_GE(mixed, 5) << shards;
    }
  }
}

TEST(Consensus, TheSumsOfARoundGiveThePrimalResidualOfTheDefinition) {
  for (const int memory : {0, 3}) {
    for (const bool ragged : {false, true}) {
      for (const int shards : {1, 2, 5, 64}) {
        Averaging run(shards, ragged, memory);
        double least = 1;  // r relative to sqrt(sum_p norm(x_p)^2)
        for (int round = 0; round < 150; ++round) {
          const Residuals residuals = run.round();
          double squares = 0;
          for (ShardId p = 0; p < shards; ++p)
            squares += (run.x(p) - *run.method().z()).squaredNorm();
          const double r = std::sqrt(squares);
          if (r < 1e-8 * residuals.norm_x) break;
          EXPECT_NEAR(residuals.primal, r, 1e-9 * r)
              << shards << ' ' << round << ' ' << memory << ragged;
          least = std::min(least, r / residuals.norm_x);
        }
        EXPECT_LE(least, 1e-6) << shards << ' ' << memory << ragged;
      }
    }
  }
}

// Where all shards agree on a long step, the squares that r^2 is the difference of are 1e14 of it.
TEST(Consensus, APrimalResidualFarBelowTheStepIsAsAccurate) {
  const auto h = make_regularizer("none");
  Consensus method(*h, 4, 9, {.rho = 1, .relaxation = 1, .policy = {10, 1}});
  std::vector<Vector> x;
  for (ShardId p = 0; p < method.shards(); ++p) {
    x.push_back(noise(9, 1) + 1e-7 * noise(9, 10 + unsigned(p)));
    answer(method, formed(method, p), x.back());
  }
  const double r = method.update().primal;
  double squares = 0;
  for (const Vector& one : x) squares += (one - *method.z()).squaredNorm();
  EXPECT_NEAR(r, std::sqrt(squares), 1e-9 * r);
}

TEST(Consensus, GoesOnFromACheckpointToTheSameBits) {
  for (const bool ragged : {false, true}) {
    Averaging resumed(5, ragged, 3), uninterrupted(5, ragged, 3);
    for (int round = 0; round < 30; ++round) {
      const double r = resumed.round().primal;
      ASSERT_EQ(r, uninterrupted.round().primal) << ragged << ' ' << round;
      ASSERT_EQ(*resumed.method().z(), *uninterrupted.method().z()) << ragged << ' ' << round;
      if (round % 2 == 1) continue;
      resumed.resume();
      uninterrupted.forget_late_tasks();
    }
  }
}

TEST(AdmmTask, OmegaIsTheSumOfCoefficientsTimesOperands) {
  Task task;
  task.z = std::make_shared<Vector>(noise(3, 1));
  for (unsigned i = 0; i < 3; ++i)
    task.operands.push_back({i, std::make_shared<Vector>(noise(3, 2 + i))});
  const auto omega = [&](std::size_t i) -> const Vector& { return *task.operands[i].value; };
  task.scalars = {1, 2, 0, 0, 0.5, 1, -0.5};
  const Vector sum = 0.5 * omega(0) + omega(1) - 0.5 * omega(2);
  EXPECT_LE((AdmmTask(task).rescaled_dual() - 2 * (sum - *task.z)).norm(), 1e-15);
  task.scalars = {1, 2, 1, 0, 0, 1, 0};
  EXPECT_EQ(AdmmTask(task).rescaled_dual(), Vector(2 * (omega(1) - *task.z)));
  EXPECT_EQ(AdmmTask(task).place(), 1);
  task.scalars = {1, 2, 1, 0, 0, 0, 0};
  EXPECT_THROW(AdmmTask{task}, InvariantViolation);
  task.scalars = {1, 2, 3, 0, 0, 1, 0};
  EXPECT_THROW(AdmmTask{task}, InvariantViolation);
}

// y = rho u is the dual; a change of rho must leave it where it is.
TEST(Consensus, ChangingRhoKeepsTheDual) {
  const auto h = make_regularizer("none");
  Consensus method(*h, 1, 3,
                   {.rho = 1, .relaxation = 1, .policy = {10, 2}, .gamma = 0, .literal = false});
  accept(method, 0, method.z(), 1, noise(3, 1) * 100, noise(3, 2));
  const SharedVector far = std::make_shared<Vector>(noise(3, 5) * 1e4);
  accept(method, 0, far, 1, noise(3, 1), noise(3, 2));  // a large dual residual
  method.update();
  ASSERT_EQ(method.rho(), 0.5);
  Task task;
  task.shard = 0;
  method.form(task);
  const double q = task.scalars.at(AdmmTask::kQ);
  const Vector u_unscaled = *task.operands.at(0).value - *task.z;
  const Vector u = q * u_unscaled;
  EXPECT_EQ(q, 2);
  EXPECT_LE((method.rho() * u - 1.0 * u_unscaled).norm(), 1e-12);
}

TEST(Consensus, RhoWaitsUntilNothingOldIsInTheSum) {
  const auto h = make_regularizer("none");
  Consensus method(*h, 2, 3,
                   {.rho = 1, .relaxation = 1, .policy = {10, 2}, .gamma = 0, .literal = false});
  const SharedVector z0 = method.z();
  const auto near = [&](ShardId p, double rho) {
    accept(method, p, method.z(), rho, noise(3, 1 + unsigned(p)) * 50, Vector::Zero(3));
  };
  near(0, 1);
  method.update();
  EXPECT_EQ(method.rho(), 1) << "shard 1 was never accepted";
  near(0, 1);
  near(1, 1);
  accept(method, 0, std::make_shared<Vector>(noise(3, 8) * 1e5), 1, noise(3, 1), noise(3, 1));
  method.update();
  EXPECT_EQ(method.rho(), 0.5);
  near(0, 0.5);
  accept(method, 0, std::make_shared<Vector>(noise(3, 8) * 1e5), 0.5, noise(3, 1), noise(3, 1));
  method.update();
  EXPECT_EQ(method.rho(), 0.5) << "shard 1 still carries the old rho";
}

// The operand of the next task, which therefore need not be sent.
TEST(Consensus, TheWorkerKeepsTheCoordinatorsOmegaToTheLastBit) {
  const std::atomic<bool> never{false};
  const Problem problem = testing::load("heart", 3, "logistic", "l1:1");
  for (const double relaxation : {1.0, 1.6}) {
    for (const Precision precision : {Precision::f64, Precision::f32}) {
      const MethodHalves halves =
          testing::halves_of("admm", problem, {{"relaxation", relaxation}}, precision);
      Workspace scratch;
      TaskId id = 0;
      for (int round = 0; round < 20; ++round) {
        for (ShardId p = 0; p < 3; ++p) {
          Task task;
          task.id = id++;
          task.shard = p;
          halves.coordinator->form(task);
          Contribution contribution = halves.worker->compute(task, scratch, never);
          const std::vector<KeptOperand> kept = halves.worker->keep(task, contribution);
          halves.coordinator->accept(task, std::move(contribution));
          Task next;
          next.shard = p;
          halves.coordinator->form(next);
          ASSERT_EQ(kept.size(), 1u);
          ASSERT_EQ(task.kept, std::vector<int>{kept[0].place});
          const Operand& newest = next.operands.at(static_cast<std::size_t>(kept[0].place));
          EXPECT_EQ(newest.name, task.id);
          EXPECT_EQ(*newest.value, kept[0].value);
        }
        halves.coordinator->update();
      }
    }
  }
}

TEST(PenaltyPolicy, ReadsAndWritesItsText) {
  EXPECT_EQ(parse_penalty_policy("fixed").text(), "fixed");
  EXPECT_EQ(parse_penalty_policy("residual_balancing").text(), "residual_balancing:mu=10,factor=2");
  EXPECT_EQ(parse_penalty_policy("residual_balancing:factor=3").text(),
            "residual_balancing:mu=10,factor=3");
  EXPECT_EQ(parse_penalty_policy("relative_balancing:mu=5").text(),
            "relative_balancing:mu=5,factor=10");
  for (const char* bad :
       {"", "residual", "residual_balancing:", "residual_balancing:mu", "residual_balancing:mu=nan",
        "residual_balancing:mu=0.5", "residual_balancing:factor=1", "fixed:1",
        "residual_balancing:x=2", "relative_balancing:", "relative_balancing:mu=0"})
    EXPECT_THROW(parse_penalty_policy(bad), Error) << bad;
}

TEST(Stopping, RulesAreThoseOfTheDefinition) {
  Residuals r{.primal = 0.3,
              .dual = 0.3,
              .norm_x = 0,
              .norm_z = 0,
              .norm_y = 0,
              .blocks = 4,
              .all_accepted = true};
  Stopping s;
  s.rule = StopRule::absolute;
  s.eps_primal = s.eps_dual = 0.1;
  EXPECT_FALSE(satisfied(s, r, 9));
  s.rule = StopRule::paper;  // sqrt(9) * 0.1
  EXPECT_TRUE(satisfied(s, r, 9));
  r.literal = true;
  EXPECT_FALSE(satisfied(s, r, 9));
  s = {};
  s.rule = StopRule::boyd;  // sqrt(4 * 9) * 1e-5 + 1e-4 * ...
  r.primal = r.dual = 6e-5;
  EXPECT_TRUE(satisfied(s, r, 9));
  r.primal = 1e-3;
  EXPECT_FALSE(satisfied(s, r, 9));
  r.norm_z = 10;  // 6e-5 + 1e-4 * 10
  EXPECT_TRUE(satisfied(s, r, 9));
  r.dual = 1e-3;
  EXPECT_FALSE(satisfied(s, r, 9));
  r.norm_y = 10;
  EXPECT_TRUE(satisfied(s, r, 9));
  r.all_accepted = false;
  EXPECT_FALSE(satisfied(s, r, 9)) << "a shard that never contributed";
  r.all_accepted = true;
  for (const double primal : {0.0, 1.0}) {
    r.primal = primal;
    s.rule = StopRule::boyd;
    const bool holds = satisfied(s, r, 9);
    s.rule = StopRule::certified;
    EXPECT_EQ(satisfied(s, r, 9), holds) << "it proposes what boyd would";
  }
}

}  // namespace
}  // namespace laggard
