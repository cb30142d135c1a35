// Consensus ADMM whose workers are held back by where they were:
//
//   x_p <- argmin f_p(x) + rho/2 |x - z + u_p|^2 + gamma/2 |x - x_p|^2
//   z   <- prox_{h / (P rho)}(mean of x_p + u_p),   u_p <- u_p + x_p - z
//
// The penalty is fixed. Both quadratic terms together are (rho + gamma)/2 |x - c|^2 and a constant,
// with c = (rho (z - u_p) + gamma x_p) / (rho + gamma), so the local solvers of ADMM solve it.
// Deng, Lai, Peng and Yin, Parallel multi-block ADMM with o(1/k) convergence, 2017.
#include "core/io/error.hpp"
#include "core/method/plugin.hpp"
#include "core/method/shard_sum.hpp"
#include "core/problem/vector_ops.hpp"
#include "core/solver/local_solver.hpp"

#include <cmath>
#include <deque>
#include <utility>

namespace laggard {
namespace {

// What a task carries beside z. omega = x_p + u_p of the last accepted report.
enum Place { kOmega, kLast, kPlaces };
enum Scalar { kRho, kGamma, kScalars };

Vector dual(const Task& task) {  // u_p = omega - z
  LAGGARD_ASSERT(task.operands.size() == kPlaces && task.scalars.size() == kScalars,
                 "a task that is none of proximal_admm");
  return *task.operands[kOmega].value - *task.z;
}

// ---- Where the data is ----

class Worker final : public WorkerHalf {
 public:
  Worker(const Problem& problem, const SolverOptions& options, Precision precision)
      : problem_(problem), precision_(precision), solver_(make_solver(options, problem)) {
    for (ShardId p = 0; p < problem.shards; ++p)
      shards_.emplace_back(problem.shard(p), problem.loss);
  }

  Contribution compute(const Task& task, Workspace& scratch,
                       const std::atomic<bool>& stop) const override {
    const double rho = task.scalars[kRho], gamma = task.scalars[kGamma];
    const Vector center =
        (rho * (*task.z - dual(task)) + gamma * *task.operands[kLast].value) / (rho + gamma);
    Vector x = center;  // where a feature does not occur in the shard, that is the minimiser
    const LoadedShard& shard = shards_[static_cast<std::size_t>(task.shard)];
    const SolveStats stats = solve(shard, *task.z, center, rho + gamma, x, scratch, stop);
    round_to(precision_, x);
    Contribution out;
    out.vectors.push_back(std::move(x));
    out.passes = stats.passes;
    out.inner_iterations = stats.inner_iterations;
    out.dense_work = stats.dense_work;
    out.capped = stats.capped;
    out.stopped = stats.stopped;
    return out;
  }

  // The next task's omega and x_p.
  std::vector<KeptOperand> keep(const Task& task, const Contribution& done) const override {
    return {{kOmega, done.vectors.front() + dual(task)}, {kLast, done.vectors.front()}};
  }

  int features() const override { return problem_.features(); }
  std::int64_t nonzeros(const Task& task) const override {
    return problem_.shard(task.shard).nonzeros();
  }
  std::int64_t shard_bytes(ShardId shard) const override {
    return load_bytes(problem_.shard(shard));
  }
  std::int64_t min_passes() const override { return solver_->min_passes(); }

 private:
  // A solver sees the features that occur in the shard.
  SolveStats solve(const LoadedShard& shard, const Vector& z, const Vector& center, double weight,
                   Vector& x, Workspace& scratch, const std::atomic<bool>& stop) const {
    const auto support = shard.support();
    if (support.empty())
      return solver_->solve(shard, view(z), view(center), weight, view(x), scratch, stop);
    const Span start = sized(scratch.of_method[0], support.size());
    const Span at = sized(scratch.of_method[1], support.size());
    const Span found = sized(scratch.of_method[2], support.size());
    for (std::size_t i = 0; i < support.size(); ++i) {
      start[i] = z[support[i]];
      at[i] = center[support[i]];
    }
    const SolveStats stats = solver_->solve(shard, start, at, weight, found, scratch, stop);
    for (std::size_t i = 0; i < support.size(); ++i) x[support[i]] = found[i];
    return stats;
  }

  Problem problem_;
  Precision precision_;
  std::unique_ptr<const LocalSolver> solver_;
  std::deque<LoadedShard> shards_;
};

// ---- At the coordinator ----

class Coordinator final : public CoordinatorHalf {
 public:
  Coordinator(const CoordinatorSetup& setup)
      : h_(*setup.problem.regularizer),
        features_(setup.problem.features()),
        rho_(real_value(setup.values, "rho")),
        gamma_(real_value(setup.values, "gamma")),
        precision_(setup.precision),
        report_(std::make_shared<ReportShape>(ReportShape{{features_}, 0})),
        z_(std::make_shared<Vector>(Vector::Zero(features_))),
        shards_(static_cast<std::size_t>(setup.problem.shards)),
        sum_(setup.problem.shards, features_, 1) {
    for (Shard& shard : shards_) shard.omega = shard.x = z_;
  }

  int shards() const override { return static_cast<int>(shards_.size()); }
  int features() const override { return features_; }
  const SharedVector& z() const override { return z_; }
  double rho() const override { return rho_; }
  std::int64_t most_numbers_down() const override { return (1 + kPlaces) * features_; }

  void form(Task& task) const override {
    const Shard& shard = shards_[static_cast<std::size_t>(task.shard)];
    task.z = z_;
    task.scalars = {rho_, gamma_};
    task.operands = {{shard.answer_to, shard.omega}, {shard.answer_to, shard.x}};
    task.kept = {kOmega, kLast};
    task.report = report_;
    task.precision = precision_;
  }

  void accept(const Task& task, Contribution contribution) override {
    Shard& shard = shards_[static_cast<std::size_t>(task.shard)];
    Vector& x = contribution.vectors.front();
    shard.omega = std::make_shared<Vector>(x + dual(task));
    shard.x = std::make_shared<Vector>(std::move(x));
    shard.answer_to = task.id;
    shard.accepted = shard.fresh = true;
    sum_.set(task.shard, 1, shard.omega);
  }

  Residuals update(Absent absent) override {
    if (absent == Absent::left_out)
      for (ShardId p = 0; p < shards(); ++p)
        if (!shards_[static_cast<std::size_t>(p)].fresh) sum_.leave_out(p);
    const SharedVector old = z_;
    const double weight = sum_.total_weight();
    Vector z = sum_.total() / weight;
    h_.prox(view(z), 1 / (weight * rho_), view(z));
    round_to(precision_, z);
    z_ = std::make_shared<Vector>(std::move(z));
    return measure(*old);
  }

  void persist(StateArchive& archive) override {
    archive.shared(z_);
    for (Shard& shard : shards_) {
      archive.shared(shard.omega);
      archive.shared(shard.x);
      archive.value(shard.answer_to);
      archive.value(shard.accepted);
    }
    sum_.persist(archive);
  }

 private:
  struct Shard {
    SharedVector omega, x;
    OperandName answer_to = kZeroOperand;  // the task whose answer they are of
    bool accepted = false;
    bool fresh = false;  // since the last update
  };

  Residuals measure(const Vector& old) {
    Residuals out;
    out.all_accepted = true;
    out.blocks = shards();
    double primal = 0, x_squared = 0, y_squared = 0;
    for (Shard& shard : shards_) {
      primal += squared_distance(view(*shard.x), view(*z_));
      x_squared += squared_norm(view(*shard.x));
      y_squared += squared_distance(view(*shard.omega), view(*z_));
      out.all_accepted &= shard.accepted;
      shard.fresh = false;
    }
    const double root = std::sqrt(static_cast<double>(shards()));
    out.primal = std::sqrt(primal);
    out.dual = (rho_ + gamma_) * root * std::sqrt(squared_distance(view(*z_), view(old)));
    out.norm_x = std::sqrt(x_squared);
    out.norm_z = root * norm(view(*z_));
    out.norm_y = rho_ * std::sqrt(y_squared);
    return out;
  }

  const Regularizer& h_;
  int features_;
  double rho_, gamma_;
  Precision precision_;
  std::shared_ptr<const ReportShape> report_;
  SharedVector z_;
  std::vector<Shard> shards_;
  ShardSum sum_;
};

// ---- What it is made from ----

std::unique_ptr<const WorkerHalf> worker(const Problem& problem, const OptionValues& values,
                                         Precision precision) {
  return std::make_unique<Worker>(problem, solver_options(values), precision);
}

std::unique_ptr<CoordinatorHalf> coordinator(const CoordinatorSetup& setup) {
  return std::make_unique<Coordinator>(setup);
}

void prepare(MethodSetup& setup) { settle_solver_options(setup.values, *setup.loss); }

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> all = {{.name = "rho",
                                  .type = OptionType::real,
                                  .min = 1e-6,
                                  .max = 1e6,
                                  .default_text = "1",
                                  .help = "penalty, the same in every round"},
                                 {.name = "gamma",
                                  .type = OptionType::real,
                                  .min = 0,
                                  .max = 1e6,
                                  .default_text = "0.1",
                                  .help = "how much a worker is held back by its last x"}};
  for (OptionSpec& option : solver_options()) all.push_back(std::move(option));
  return all;
}

}  // namespace

LAGGARD_METHOD({
    .name = "proximal_admm",
    .summary = "consensus ADMM with a proximal term in each worker's subproblem",
    .source = "Deng, Lai, Peng and Yin, J. Sci. Comput. 2017",
    .options = options(),
    .traits = {},
    .prepare = prepare,
    .worker = worker,
    .coordinator = coordinator,
})

}  // namespace laggard
