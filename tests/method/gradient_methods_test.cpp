#include "core/method/gradient_method.hpp"

#include "core/io/error.hpp"
#include "core/method/stopping.hpp"
#include "core/reference/reference.hpp"
#include "methods/agd/agd.hpp"
#include "methods/fista/fista.hpp"
#include "methods/gd/gd.hpp"
#include "methods/linearized_admm/linearized_admm.hpp"
#include "methods/nesterov/nesterov.hpp"
#include "tests/method/dense_problem.hpp"
#include "tests/method/sync_run.hpp"

#include <gtest/gtest.h>

#include <random>

namespace laggard {
namespace {

using testing::Dense;
using testing::load;
using testing::relative_distance;
using testing::soft_threshold;
using testing::SyncRun;

TEST(Agd, IsTheTextbookMethodOnOneMachine) {
  const Problem problem = load("heart", 5, "logistic", "l2:13.5");
  const Dense dense(problem);
  const double n = double(problem.data->samples()), lambda = 13.5;
  SyncRun run("agd", problem, {{"step-size", 0.5}, {"momentum", 0.8}});
  Vector w = Vector::Zero(problem.features()), v = w;
  for (int k = 0; k < 300; ++k) {
    run.round();
    v = 0.8 * v + (dense.gradient(w) + lambda * w) / n;
    w -= 0.5 * v;
    ASSERT_LE(relative_distance(run.z(), w), 1e-12) << k;
  }
}

TEST(FistaMethod, IsTheTextbookMethodOnOneMachine) {
  const Problem problem = load("heart", 5, "logistic", "l1:1");
  const Dense dense(problem);
  for (const bool constant : {false, true}) {
    OptionValues options = {{"step-size", 0.01}};
    if (constant) options["momentum"] = 0.7;
    SyncRun run("fista", problem, options);
    Vector x = Vector::Zero(problem.features()), y = x;
    double t = 1;
    for (int k = 0; k < 200; ++k) {
      const Residuals residuals = run.round();
      const Vector next = soft_threshold(y - 0.01 * dense.gradient(y), 0.01);
      EXPECT_NEAR(residuals.primal, (next - y).norm() / 0.01, 1e-9);
      const double t_next = (1 + std::sqrt(1 + 4 * t * t)) / 2;
      y = next + (constant ? 0.7 : (t - 1) / t_next) * (next - x);
      t = t_next;
      x = next;
      ASSERT_LE(relative_distance(run.z(), x), 1e-11) << k;
    }
  }
}

TEST(LinearizedAdmm, IsTheTextbookMethodOnOneMachine) {
  const Problem problem = load("communities", 4, "squared", "l1:1");
  const Dense dense(problem);
  for (const double factor : {1.0, 2.0}) {
    SyncRun run("linearized_admm", problem,
                {{"rho", 3.0},
                 {"rho-policy", PenaltyPolicy{.mu = 10, .factor = factor}.text()},
                 {"step-size", 2e-5}});
    double rho = 3;
    Vector x = Vector::Zero(problem.features()), z = x, dual = x;  // dual = rho u
    for (int k = 0; k < 200; ++k) {
      EXPECT_EQ(run.halves.coordinator->rho(), rho);
      const Residuals residuals = run.round();
      const Vector x_old = x, z_old = z;
      // The minimiser of the linearised loss: its slope, <g, x> and the two quadratics, vanishes.
      x = (x_old / 2e-5 - dense.gradient(x_old) + rho * z - dual) / (1 / 2e-5 + rho);
      z = soft_threshold(x + dual / rho, 1 / rho);
      dual += rho * (x - z);
      const double r = (x - z).norm();
      const double s = rho * (z - z_old).norm() + (x - x_old).norm() / 2e-5;
      EXPECT_NEAR(residuals.primal, r, 1e-10 * (1 + r));
      EXPECT_NEAR(residuals.dual, s, 1e-8 * (1 + s));
      EXPECT_NEAR(residuals.norm_y, dual.norm(), 1e-8 * (1 + dual.norm()));
      ASSERT_LE(relative_distance(run.z(), z), 1e-11) << k;
      if (factor == 1) continue;
      const double of_z = rho * (z - z_old).norm();
      if (r > 10 * of_z)
        rho *= factor;
      else if (of_z > 10 * r)
        rho /= factor;
    }
  }
}

// The gap to the reference optimum after `rounds`.
double gap_after(const Problem& problem, SyncRun& run, int rounds) {
  for (int k = 0; k < rounds; ++k) run.round();
  return relative_gap(objective(problem, view(run.z())), solve_reference(problem, 1).objective);
}

struct Instance {
  const char* data;
  const char* loss;
  const char* method;
  const char* regularizer;
  int rounds;  // enough for the gap below, and a tenth or more to spare
};

TEST(GradientMethods, ReachTheReferenceOptimum) {
  constexpr Instance kInstances[] = {
      {"heart", "logistic", "linearized_admm", "l1:1", 700},
      {"heart", "logistic", "fista", "l1:1", 160},
      {"heart", "logistic", "agd", "l2:1", 130},
      {"communities", "squared", "linearized_admm", "l1:1", 11000},
      {"communities", "squared", "fista", "l1:1", 800},
      {"communities", "squared", "agd", "l2:1", 2100},
  };
  for (const auto& [data, loss, method, regularizer, rounds] : kInstances) {
    const Problem problem = load(data, 4, loss, regularizer);
    SyncRun run(method, problem);
    EXPECT_LE(gap_after(problem, run, rounds), 1e-6) << data << " " << method;
  }
}

// The rounds until the default rule of convergence holds; 0: not within `most`.
int rounds_to_stop(const Problem& problem, SyncRun& run, int most) {
  for (int k = 1; k <= most; ++k)
    if (satisfied({}, run.round(), problem.features())) return k;
  return 0;
}

TEST(GradientMethods, StopNearTheOptimumByTheDefaultRule) {
  for (const auto& [method, regularizer] :
       {std::pair{"linearized_admm", "l1:1"}, {"fista", "l1:1"}, {"agd", "l2:1"}}) {
    const Problem problem = load("heart", 4, "logistic", regularizer);
    SyncRun run(method, problem);
    EXPECT_GT(rounds_to_stop(problem, run, 1500), 0) << method;
    EXPECT_LE(gap_after(problem, run, 0), 1e-7) << method;
  }
}

TEST(LinearizedAdmm, BalancingMakesUpForAPoorPenalty) {
  const Problem problem = load("heart", 4, "logistic", "l1:1");
  for (const double rho : {1e-3, 1.0, 1e3}) {
    SyncRun run("linearized_admm", problem, {{"rho", rho}});
    EXPECT_GT(rounds_to_stop(problem, run, 1500), 0) << rho;
  }
}

Contribution gradient_of(const Vector& x) {
  Contribution out;
  out.vectors.push_back(x);
  return out;
}

Task formed(const CoordinatorHalf& method, ShardId shard) {
  Task task;
  task.shard = shard;
  method.form(task);
  return task;
}

// The four ways to the same update, and what each asks for.
TEST(GradientMethods, ADecodedSumStandsForAllShards) {
  const auto h = make_regularizer("l2:2");
  const Vector g0 = Vector::LinSpaced(4, -1, 2), g1 = Vector::LinSpaced(4, 5, 3);
  const auto same = [&](CoordinatorHalf&& each, CoordinatorHalf&& whole) {
    const Task task = formed(each, 0);
    EXPECT_EQ(task.report->vectors, std::vector<std::int64_t>{4});
    EXPECT_EQ(task.report->scalars, 1);
    EXPECT_EQ(size_of_report(task).numbers, 5);
    EXPECT_TRUE(task.operands.empty());
    EXPECT_TRUE(task.kept.empty());
    for (int k = 0; k < 3; ++k) {
      each.accept(formed(each, 0), gradient_of(g0));
      each.accept(formed(each, 1), gradient_of(g1));
      whole.accept_sum(formed(whole, 0), gradient_of(g0 + g1));
      const Residuals a = each.update(), b = whole.update();
      EXPECT_TRUE(b.all_accepted);
      EXPECT_EQ(a.primal, b.primal);
      EXPECT_EQ(a.dual, b.dual);
      EXPECT_EQ(*each.z(), *whole.z());
    }
  };
  const LinearizedAdmmOptions linearized{.policy = {}, .step_size = {}, .sum_lipschitz = 3};
  const FistaOptions fista{.step_size = {}, .momentum = {}, .sum_lipschitz = 3};
  const SmoothMean q(*h, 10, [] { return 3.0; });
  same(LinearizedAdmm(*h, 2, 4, linearized), LinearizedAdmm(*h, 2, 4, linearized));
  same(FistaMethod(*h, 2, 4, fista), FistaMethod(*h, 2, 4, fista));
  same(Agd(q, 2, 4, {}), Agd(q, 2, 4, {}));
}

TEST(GradientMethods, AnAbsentShardCountsAsItsLastGradientOrNotAtAll) {
  const auto h = make_regularizer("none");
  const FistaOptions options{.step_size = 0.5, .momentum = 0};
  const Vector g0 = Vector::Constant(2, 1), g1 = Vector::Constant(2, 10);
  const Vector g2 = Vector::Constant(2, 100);
  FistaMethod method(*h, 3, 2, options);
  method.accept(formed(method, 0), gradient_of(g0));
  method.accept(formed(method, 1), gradient_of(g1));
  EXPECT_FALSE(method.update().all_accepted);
  EXPECT_EQ(*method.z(), -0.5 * (g0 + g1));
  method.accept(formed(method, 2), gradient_of(g2));
  EXPECT_TRUE(method.update().all_accepted);
  EXPECT_EQ(*method.z(), -0.5 * (g0 + g1) - 0.5 * (g0 + g1 + g2));
  const Vector before = *method.z();
  method.accept(formed(method, 1), gradient_of(g1));
  method.accept(formed(method, 2), gradient_of(g2));
  method.update(Absent::left_out);
  EXPECT_LE((*method.z() - (before - 0.5 * 1.5 * (g1 + g2))).norm(), 1e-12);
}

// r = s = 0 must mean optimality, whatever the points that the gradients are from.
TEST(LinearizedAdmm, TheDualResidualSeesOldGradients) {
  const auto h = make_regularizer("none");
  LinearizedAdmmOptions options;
  options.step_size = 0.25;
  options.policy.factor = 1;
  LinearizedAdmm method(*h, 2, 1, options);
  const Task old = formed(method, 0);
  method.accept(old, gradient_of(Vector::Constant(1, 4.0)));
  method.accept(formed(method, 1), gradient_of(Vector::Constant(1, 4.0)));
  method.update();
  const double x1 = (*formed(method, 1).z)[0];
  method.accept(formed(method, 1), gradient_of(Vector::Constant(1, -4.0 + x1)));  // all in balance
  const Residuals r = method.update();
  const double x2 = (*formed(method, 0).z)[0];
  EXPECT_GE(r.dual, std::abs(x2 - 0) / 0.25) << "shard 0 still speaks of the start";
}

TEST(GradientMethods, StepsAndMomentumFollowTheLipschitzConstants) {
  const auto none = make_regularizer("none"), ridge = make_regularizer("l2:5");
  LinearizedAdmmOptions linearized{.policy = {}, .step_size = {}, .sum_lipschitz = 20};
  EXPECT_EQ(LinearizedAdmm(*none, 2, 3, linearized).step_size(), 1 / 20.0);
  linearized.max_age = 4;
  EXPECT_EQ(LinearizedAdmm(*none, 2, 3, linearized).step_size(), 1 / 100.0);
  linearized.step_size = 0.125;
  EXPECT_EQ(LinearizedAdmm(*none, 2, 3, linearized).step_size(), 0.125);
  const FistaOptions fista{.step_size = {}, .momentum = {}, .sum_lipschitz = 20};
  EXPECT_EQ(FistaMethod(*none, 2, 3, fista).step_size(), 1 / 20.0);
  EXPECT_EQ(FistaMethod(*none, 2, 3, fista).rho(), 0);
  const auto twenty = [] { return 20.0; };
  const SmoothMean flat(*none, 10, twenty), curved(*ridge, 10, twenty);
  EXPECT_EQ(Agd(flat, 2, 3, {}).step_size(), 0.5);
  EXPECT_EQ(Agd(flat, 2, 3, {}).momentum(), 0.9);
  EXPECT_EQ(Agd(curved, 2, 3, {}).step_size(), 0.4);
  EXPECT_NEAR(Agd(curved, 2, 3, {}).momentum(), std::pow(1 - std::sqrt(0.4 * 0.5), 2), 1e-15);
  EXPECT_EQ(Agd(flat, 2, 3, {.step_size = {}, .momentum = 0.25}).momentum(), 0.25);
  EXPECT_EQ(Gd(flat, 2, 3, {}).step_size(), 0.5);
  EXPECT_EQ(Nesterov(curved, 2, 3, {}).step_size(), 0.4);
}

TEST(Methods, RefuseWhatDoesNotGoTogether) {
  const Problem l1 = load("heart", 2, "logistic", "l1:1"),
                l2 = load("heart", 2, "logistic", "l2:1");
  const auto error_of = [](const std::string& method, const Problem& problem,
                           const OptionValues& given = {}, std::int64_t max_age = 1) {
    try {
      testing::settled(method, given, problem, max_age);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  for (const char* method : {"admm", "linearized_admm", "fista"})
    EXPECT_EQ(error_of(method, l1), "") << method;
  EXPECT_EQ(error_of("agd", l2), "");
  EXPECT_EQ(error_of("agd", l1),
            "--method agd: needs a smooth regulariser, not l1:1; expected none or l2:L");
  EXPECT_EQ(error_of("linearized_admm", l1, {}, kAnyAge),
            "--tau: none leaves --method linearized_admm without a step that is safe; expected a "
            "bound, or --step-size VALUE");
  EXPECT_EQ(error_of("linearized_admm", l1, {{"step-size", 0.1}}, kAnyAge), "");
  EXPECT_EQ(error_of("admm", l1, {{"solver", "direct"}}),
            "--solver: direct needs the squared loss, not logistic; expected newton_cg or fista");
}

}  // namespace
}  // namespace laggard
