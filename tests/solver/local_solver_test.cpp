#include "core/solver/local_solver.hpp"
#include "core/io/error.hpp"
#include "core/problem/kernel.hpp"
#include "core/solver/small_shard.hpp"
#include "methods/admm/consensus.hpp"
#include "methods/admm/proximal_solve.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>
#include <Eigen/Cholesky>

namespace laggard::testing {
namespace {

const std::atomic<bool> never{false};

struct Solved {
  Vector x;
  SolveStats stats;
};

Solved solve(const Problem& problem, ShardId p, const SolverOptions& options, const Vector& z,
             const Vector& center, double rho, const std::atomic<bool>& stop = never) {
  const LoadedShard shard(problem.shard(p), problem.loss);
  Workspace scratch;
  Solved out{Vector::Zero(z.size()), {}};
  out.stats = make_solver(options, problem)
                  ->solve(shard, view(z), view(center), rho, view(out.x), scratch, stop);
  return out;
}

// grad of f_p(x) + rho/2 |x - c|^2, by the definition, from the data alone.
Vector gradient(const Problem& problem, ShardId p, const Vector& x, const Vector& center,
                double rho) {
  const Rows rows = problem.shard(p);
  const Csr& a = rows.data->a;
  Vector g = rho * (x - center);
  for (std::int64_t n = rows.begin; n < rows.end; ++n) {
    double margin = 0;
    for (std::int64_t k = a.row_start[n]; k < a.row_start[n + 1]; ++k)
      margin += a.value[k] * x[a.column[k]];
    double slope = 0;
    problem.loss->derivative(ConstSpan(&margin, 1), ConstSpan(&rows.data->label[n], 1),
                             Span(&slope, 1));
    for (std::int64_t k = a.row_start[n]; k < a.row_start[n + 1]; ++k)
      g[a.column[k]] += a.value[k] * slope;
  }
  return g;
}

SolverOptions tight(const std::string& name) {
  SolverOptions options;
  options.name = name;
  options.newton_steps = 100;
  options.inner_max = 100000;
  options.eps_g = 1e-9;
  options.eps_f = -1;  // never
  return options;
}

SolverOptions exact(SolverOptions options) {
  options.equations = NewtonEquations::cholesky;
  return options;
}

// Into how many shards of heart: of more rows than the 13 features, and of fewer.
constexpr int kManyRows = 3, kFewRows = 30;

Vector wave(int d, double scale) {
  return Vector::NullaryExpr(
      d, [scale](Eigen::Index j) { return scale * std::sin(1.0 + 3.0 * double(j)); });
}

class EveryLoss : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryLoss, BothIterativeSolversReachTheStationaryPoint) {
  const Problem problem = load("heart", 3, GetParam());
  const Vector z = wave(13, 0.5), center = wave(13, -0.3);
  for (const char* name : {"newton_cg", "fista"}) {
    const Solved out = solve(problem, 1, tight(name), z, center, 0.7);
    EXPECT_LE(gradient(problem, 1, out.x, center, 0.7).norm(), 2e-9) << name;
    EXPECT_GE(out.stats.passes, 2) << name;
    EXPECT_FALSE(out.stats.capped) << name;
  }
}

TEST_P(EveryLoss, ExactNewtonStepsReachIt) {
  const Vector z = wave(13, 0.5), center = wave(13, -0.3);
  for (const int shards : {kManyRows, kFewRows}) {
    const Problem problem = load("heart", shards, GetParam());
    const Solved out = solve(problem, 1, exact(tight("newton_cg")), z, center, 0.7);
    EXPECT_LE(gradient(problem, 1, out.x, center, 0.7).norm(), 2e-9) << shards;
    EXPECT_GT(out.stats.dense_work, 0) << shards;
    if (shards == kFewRows) {
      EXPECT_EQ(out.stats.passes, 3);  // however many steps
    }
  }
}

TEST_P(EveryLoss, MarginsOfAThousandAreSafe) {
  const Problem problem = load("heart", 3, GetParam());
  const Vector z = wave(13, 1000), center = wave(13, 800);
  for (const char* name : {"newton_cg", "fista"}) {
    const Solved out = solve(problem, 0, tight(name), z, center, 1.0);
    EXPECT_TRUE(out.x.allFinite()) << name;
    // g is of order 1e7 here, so its values resolve the gradient only so far.
    const double initial = gradient(problem, 0, z, center, 1.0).norm();
    EXPECT_LE(gradient(problem, 0, out.x, center, 1.0).norm(), 1e-7 * initial) << name;
  }
  for (const int shards : {kManyRows, kFewRows}) {
    const Problem some = load("heart", shards, GetParam());
    const Solved out = solve(some, 0, exact(tight("newton_cg")), z, center, 1.0);
    const double initial = gradient(some, 0, z, center, 1.0).norm();
    EXPECT_LE(gradient(some, 0, out.x, center, 1.0).norm(), 1e-7 * initial) << shards;
  }
}

INSTANTIATE_TEST_SUITE_P(Losses, EveryLoss,
                         ::testing::Values("logistic", "squared", "huber:0.5", "squared_hinge"),
                         [](const auto& test) { return case_name("{}", test.param); });

// A run is to end as not_finite, and not at z as if that were a solution.
TEST(LocalSolver, WhereNumbersOverflowThereIsNoSolution) {
  for (const auto& [name, scale] : {std::pair{"newton_cg", 1e100},
                                    {"newton_cg", 1e160},
                                    {"newton_cg", 1e200},
                                    {"fista", 1e160},
                                    {"fista", 1e200}}) {
    const auto data = small_data(6, 3, 1, 1);
    for (double& value : data->a.value) value *= scale;
    const Problem problem = make_problem(data, "logistic", "none");
    SolverOptions options;
    options.name = name;
    const Vector zero = Vector::Zero(3);
    EXPECT_FALSE(solve(problem, 0, options, zero, zero, 1).x.allFinite()) << name << " " << scale;
  }
  for (const auto& [rows, features] : {std::pair{6, 3}, {3, 6}})
    for (const double scale : {1e160, 1e200}) {
      const auto data = small_data(rows, features, 1, 1);
      for (double& value : data->a.value) value *= scale;
      const Problem problem = make_problem(data, "logistic", "none");
      const Vector zero = Vector::Zero(features);
      EXPECT_FALSE(solve(problem, 0, exact({}), zero, zero, 1).x.allFinite())
          << rows << " " << scale;
    }
}

TEST(LocalSolver, DirectSolvesTheNormalEquations) {
  for (const int shards : {5, 100}) {  // more rows than features, and fewer
    const Problem problem = load("communities", shards, "squared", "l2:1");
    const Vector z = wave(problem.features(), 1), center = wave(problem.features(), 0.1);
    SolverOptions options;
    options.name = "direct";
    const Solved out = solve(problem, 2, options, z, center, 3.0);
    EXPECT_LE(gradient(problem, 2, out.x, center, 3.0).norm(), 1e-9) << shards;
    const Solved again = solve(problem, 2, tight("newton_cg"), z, center, 3.0);
    EXPECT_LE((out.x - again.x).norm(), 1e-8) << shards;
  }
}

TEST(LocalSolver, DirectRefusesWhatIsNotQuadratic) {
  SolverOptions options;
  options.name = "direct";
  EXPECT_THROW(make_solver(options, load("heart", 2)), Error);
  options.name = "newton";
  EXPECT_THROW(make_solver(options, load("heart", 2)), Error);
}

TEST(LocalSolver, FistaMakesAtLeastItsInnerMinimumAndReportsItsCap) {
  const Problem problem = load("heart", 3);
  const Vector z = Vector::Zero(13);
  SolverOptions options;
  options.name = "fista";
  options.eps_g = 1e9;
  options.inner_min = 7;
  EXPECT_EQ(solve(problem, 0, options, z, z, 1).stats.inner_iterations, 7);
  options.eps_g = 0;
  options.eps_f = -1;
  options.inner_max = 9;
  const SolveStats capped = solve(problem, 0, options, z, z, 1).stats;
  EXPECT_EQ(capped.inner_iterations, 9);
  EXPECT_TRUE(capped.capped);
}

TEST(LocalSolver, NewtonStepsAreBoundedAndAtLeastOneIsMade) {
  const Problem problem = load("heart", 3);
  const Vector z = Vector::Zero(13);
  SolverOptions options;
  options.eps_g = 1e9;  // satisfied at once
  const Solved one = solve(problem, 0, options, z, z, 1);
  EXPECT_GT(one.x.norm(), 0);
  options.eps_g = 0;
  options.newton_steps = 3;
  const Solved three = solve(problem, 0, options, z, z, 1);
  EXPECT_LT(gradient(problem, 0, three.x, z, 1).norm(),
            0.1 * gradient(problem, 0, one.x, z, 1).norm());
}

TEST(LocalSolver, AnUnreachableToleranceEndsNormally) {
  const Problem problem = load("heart", 1);
  const Vector z = Vector::Zero(13);
  SolverOptions options = tight("newton_cg");
  options.eps_g = 0;
  options.newton_steps = 1000;
  const Solved out = solve(problem, 0, options, z, z, 1);
  EXPECT_LE(gradient(problem, 0, out.x, z, 1).norm(), 1e-10);
}

TEST(LocalSolver, TheStopFlagEndsItAndIsTold) {
  const Problem problem = load("heart", 3);
  const Vector z = Vector::Zero(13);
  const std::atomic<bool> now{true};
  for (const char* name : {"newton_cg", "fista"})
    EXPECT_TRUE(solve(problem, 0, tight(name), z, z, 1, now).stats.stopped) << name;
  for (const int shards : {kManyRows, kFewRows})
    EXPECT_TRUE(
        solve(load("heart", shards), 0, exact(tight("newton_cg")), z, z, 1, now).stats.stopped);
}

TEST(LoadedShard, FewFeaturesAreRenumberedAndTheRestKeepTheCentre) {
  const Problem problem = load("rcv1_1500", 64, "logistic", "l1:1", 47236);
  const LoadedShard shard(problem.shard(5), problem.loss);
  ASSERT_FALSE(shard.support().empty());
  EXPECT_EQ(shard.rows().features(), static_cast<int>(shard.support().size()));
  EXPECT_EQ(shard.rows().nonzeros(), problem.shard(5).nonzeros());

  Task task;
  task.shard = 5;
  constexpr double kRho = 0.5, kQ = 1;
  task.z = std::make_shared<Vector>(wave(47236, 0.1));
  task.scalars = {kRho, kQ};
  task.operands = {{0, std::make_shared<Vector>(wave(47236, 0.2))}};
  Workspace scratch;
  const ProximalSolve half(problem, tight("newton_cg"));
  const Contribution out = half.compute(task, scratch, never);
  const Vector center = *task.z - (*task.operands[0].value - *task.z);
  EXPECT_LE(gradient(problem, 5, out.vectors.front(), center, kRho).norm(), 1e-8);
}

// An exact step is worth its dense work where there are few rows or few features.
TEST(LocalSolver, EquationsAreSolvedExactlyWhereThatIsCheap) {
  const auto equations = [](const Problem& problem, NewtonEquations asked) {
    return equations_of(LoadedShard(problem.shard(0), problem.loss), asked);
  };
  const Problem many = load("heart", kManyRows), few = load("heart", kFewRows);
  const Problem large = make_problem(small_data(400, 300, 0.02, 1), "logistic", "none");
  for (const NewtonEquations asked : {NewtonEquations::automatic, NewtonEquations::cholesky}) {
    EXPECT_EQ(equations(many, asked), Equations::of_features);
    EXPECT_EQ(equations(few, asked), Equations::of_rows);
  }
  EXPECT_EQ(equations(large, NewtonEquations::automatic), Equations::by_cg);
  EXPECT_EQ(equations(large, NewtonEquations::cholesky), Equations::of_features);
  EXPECT_EQ(equations(many, NewtonEquations::cg), Equations::by_cg);
}

// norm(grad g) where a solve ended, as it tells it: never less than it is, and not far above.
TEST(LocalSolver, TheGradientItLeavesIsBoundedByWhatItTells) {
  for (const auto& [data, loss, shards] : {std::tuple{"heart", "logistic", kManyRows},
                                           {"heart", "logistic", kFewRows},
                                           {"communities", "squared", 3},
                                           {"communities", "squared", 100}}) {
    const Problem problem = load(data, shards, loss);
    const int d = problem.features();
    for (const double rho : {0.1, 3.0})
      for (const char* name : {"newton_cg", "cholesky", "fista"})
        for (const double accuracy : {0.0, 0.1, 1e-4}) {
          SolverOptions options;
          options.name = name;
          if (options.name == "cholesky") {
            options.name = "newton_cg";
            options.equations = NewtonEquations::cholesky;
          }
          options.accuracy = accuracy;
          options.newton_steps = accuracy > 0 ? 20 : 1;
          const Vector z = wave(d, 0.1), center = wave(d, 0.3);
          const Solved out = solve(problem, 1, options, z, center, rho);
          const double left = gradient(problem, 1, out.x, center, rho).norm();
          EXPECT_GE(out.stats.gradient_norm * (1 + 1e-9) + 1e-10, left)
              << data << " " << name << " " << accuracy << " " << rho;
          EXPECT_LE(out.stats.gradient_norm, 100 * left + 1e-8)
              << data << " " << name << " " << accuracy << " " << rho;
        }
  }
}

TEST(LocalSolver, TheLocalAccuracyIsRelativeToHowFarTheSolutionMoved) {
  const Problem problem = load("heart", 3);
  const Vector z = wave(13, 0.1);
  SolverOptions options;
  options.newton_steps = 20;
  for (const double accuracy : {0.5, 0.1, 1e-3}) {
    options.accuracy = accuracy;
    for (const double distance : {1.0, 1e-3, 1e-6}) {
      // The gradient at z is `distance` times what it is with the center at z.
      Vector at_z = gradient(problem, 0, z, z, 1);
      const Vector center = z + (1 - distance) * at_z;
      const Solved out = solve(problem, 0, options, z, center, 1);
      EXPECT_LE(gradient(problem, 0, out.x, center, 1).norm(), accuracy * (out.x - z).norm());
    }
  }
}

TEST(LocalSolver, AtLeastKStepsAreMadeWhateverTheLocalAccuracy) {
  const Problem problem = load("heart", 3);
  const Vector z = Vector::Zero(13);
  SolverOptions options;
  options.newton_steps = 20;
  options.accuracy = 1;
  const double one = gradient(problem, 0, solve(problem, 0, options, z, z, 1).x, z, 1).norm();
  options.inner_min = 4;
  const double four = gradient(problem, 0, solve(problem, 0, options, z, z, 1).x, z, 1).norm();
  EXPECT_LT(four, 0.1 * one);
}

// Weights are units of the features: with features times c and weights times c^2, x is over c.
void expect_units_to_be_followed(int shards, NewtonEquations equations) {
  Problem problem = load("heart", shards);
  Dataset other = *problem.data;
  const Vector unit =
      Vector::NullaryExpr(13, [](Eigen::Index j) { return std::pow(10.0, j % 5 - 2); });
  for (std::size_t k = 0; k < other.a.value.size(); ++k)
    other.a.value[static_cast<std::ptrdiff_t>(k)] *=
        unit[other.a.column[static_cast<std::ptrdiff_t>(k)]];
  Problem in_units = problem;
  in_units.data = std::make_shared<Dataset>(std::move(other));
  const Vector z = wave(13, 0.1), center = wave(13, 0.3), weight = Vector::LinSpaced(13, 1, 4);
  SolverOptions options;
  options.accuracy = 1e-8;
  options.newton_steps = 20;
  options.equations = equations;
  const auto solver = make_solver(options, problem);
  const std::atomic<bool> go{false};
  Workspace scratch;
  Vector x = z, y = z;
  const LoadedShard plain(problem.shard(1), problem.loss), scaled(in_units.shard(1), problem.loss);
  const SolveStats a =
      solver->solve(plain, view(z), view(center), {0.7, view(weight)}, view(x), scratch, go);
  const Vector z_of = z.cwiseQuotient(unit), center_of = center.cwiseQuotient(unit),
               weight_of = weight.cwiseProduct(unit).cwiseProduct(unit);
  const SolveStats b = solver->solve(scaled, view(z_of), view(center_of), {0.7, view(weight_of)},
                                     view(y), scratch, go);
  EXPECT_LE((y.cwiseProduct(unit) - x).norm(), 1e-7 * x.norm());
  EXPECT_NEAR(static_cast<double>(a.inner_iterations), static_cast<double>(b.inner_iterations), 3);
  // The condition of the minimum, by hand.
  const Vector grad = gradient(problem, 1, x, x, 1) + 0.7 * weight.cwiseProduct(x - center);
  EXPECT_LE(grad.norm(), 1e-6);
}

TEST(LocalSolver, WeightsFollowTheUnitsOfFeatures) {
  for (const int shards : {kManyRows, kFewRows})
    for (const auto equations : {NewtonEquations::cg, NewtonEquations::cholesky}) {
      SCOPED_TRACE(shards);
      expect_units_to_be_followed(shards, equations);
    }
}

// Its loss does not change, so the minimiser is the centre.
TEST(LocalSolver, AShardWithoutAnEntryHasItsCentreForSolution) {
  const auto data = small_data(6, 3, 0, 1);
  const Vector z = wave(3, 0.5), center = wave(3, -0.3);
  for (const char* loss : {"logistic", "squared"})
    for (const auto equations :
         {NewtonEquations::automatic, NewtonEquations::cg, NewtonEquations::cholesky}) {
      SolverOptions options;
      options.accuracy = 0.1;
      options.equations = equations;
      const Solved out = solve(make_problem(data, loss, "none"), 0, options, z, center, 0.7);
      EXPECT_LE((out.x - center).norm(), 0.1) << loss << " " << static_cast<int>(equations);
      EXPECT_LE(0.7 * (out.x - center).norm(), out.stats.gradient_norm + 1e-12) << loss;
    }
}

TEST(LoadedShard, LipschitzBoundsTheCurvature) {
  const Problem problem = load("communities", 4, "squared", "none");
  const LoadedShard shard(problem.shard(1), problem.loss);
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(99, 99);
  const Csr& a = problem.data->a;
  const Rows rows = problem.shard(1);
  for (std::int64_t n = rows.begin; n < rows.end; ++n) {
    Vector row = Vector::Zero(99);
    for (std::int64_t k = a.row_start[n]; k < a.row_start[n + 1]; ++k)
      row[a.column[k]] = a.value[k];
    gram += row * row.transpose();
  }
  const auto positive = [&](double shift) {
    return Eigen::LLT<Eigen::MatrixXd>(shift * Eigen::MatrixXd::Identity(99, 99) - gram).info() ==
           Eigen::Success;
  };
  EXPECT_TRUE(positive(shard.lipschitz()));
  EXPECT_FALSE(positive(0.85 * shard.lipschitz()));
}

}  // namespace
}  // namespace laggard::testing
