// A method that no fleet has heard of: two operands, reports of two vectors and three scalars.
#include "tests/processes/inner_fleet.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

constexpr int kShort = 3;

// a: formed by the worker of its report, so it is kept. b: the coordinator's, the same for two
// rounds, for all shards.
enum Place { kA, kB };

Vector next_a(const Task& task, const Contribution& contribution) {
  return 0.5 * *task.operands.at(kA).value + contribution.vectors.at(0) -
         task.scalars.at(0) * *task.z;
}

class OddWorker final : public WorkerHalf {
 public:
  explicit OddWorker(const Problem& problem) : problem_(problem) {}
  Contribution compute(const Task& task, Workspace&, const std::atomic<bool>&) const override {
    const Vector &a = *task.operands.at(kA).value, &b = *task.operands.at(kB).value;
    Contribution out;
    out.vectors.push_back((*task.z + a).array().sin() + task.shard + b[0]);
    out.vectors.push_back(b.reverse() * task.scalars.at(0));
    out.scalars = {a.sum(), b.squaredNorm(), task.scalars.at(0)};
    out.passes = 1;
    return out;
  }
  std::vector<KeptOperand> keep(const Task& task, const Contribution& contribution) const override {
    return {{kA, next_a(task, contribution)}};
  }
  int features() const override { return problem_.features(); }
  std::int64_t nonzeros(const Task&) const override { return 1; }
  std::int64_t shard_bytes(ShardId) const override { return 0; }
  std::int64_t min_passes() const override { return 1; }

 private:
  Problem problem_;
};

class OddCoordinator final : public CoordinatorHalf {
 public:
  explicit OddCoordinator(const Problem& problem)
      : z_(zeros(problem.features())),
        b_(zeros(kShort)),
        a_(static_cast<std::size_t>(problem.shards)) {
    for (Operand& a : a_) a.value = z_;
  }
  int shards() const override { return static_cast<int>(a_.size()); }
  int features() const override { return static_cast<int>(z_->size()); }
  const SharedVector& z() const override { return z_; }
  double rho() const override { return 0; }
  std::int64_t most_numbers_down() const override { return 2 * features() + kShort; }
  std::int64_t most_numbers_up() const override { return features() + kShort + 3; }
  void form(Task& task) const override {
    task.z = z_;
    task.scalars = {0.25 * task.shard};
    task.operands = {a_[static_cast<std::size_t>(task.shard)], {b_name_, b_}};
    task.kept = {kA};
    task.report = std::make_shared<ReportShape>(ReportShape{{features(), kShort}, 3});
  }
  void accept(const Task& task, Contribution contribution) override {
    a_[static_cast<std::size_t>(task.shard)] = {
        task.id, std::make_shared<Vector>(next_a(task, contribution))};
    answers_[task.shard] = std::move(contribution);  // summed in the order of shards
  }
  Residuals update(Absent) override {
    Vector z = Vector::Zero(features()), b = Vector::Zero(kShort);
    for (const auto& [shard, answer] : answers_) {
      z += answer.vectors.at(0) / shards();
      b += answer.vectors.at(1);
      for (const double scalar : answer.scalars) b.array() += 1 / (1 + scalar * scalar);
    }
    answers_.clear();
    z_ = std::make_shared<Vector>(std::move(z));
    if (++rounds_ % 2 == 0) {
      b_ = std::make_shared<Vector>(b / b.norm());
      b_name_ = rounds_;
    }
    return {.primal = 1, .dual = 1};
  }
  void persist(StateArchive&) override { throw std::logic_error("it is not kept"); }

 private:
  static SharedVector zeros(int size) { return std::make_shared<Vector>(Vector::Zero(size)); }

  SharedVector z_, b_;
  OperandName b_name_ = kZeroOperand;
  std::vector<Operand> a_;
  std::map<ShardId, Contribution> answers_;
  int rounds_ = 0;
};

TEST(Operands, AMethodOfManyVectorsAndScalarsRunsOnProcessesAsOnTheSimulator) {
  InnerRun run;
  run.rounds = 20;
  run.make_method = [](const Problem& problem) {
    return MethodHalves{std::make_unique<OddWorker>(problem),
                        std::make_unique<OddCoordinator>(problem)};
  };
  int kept_sent = 0, shared_sent = 0;
  run.spoil = [&](Caller&, const TaskMessage& task, ReportMessage& report) {
    EXPECT_EQ(report.vectors.size(), 2u);
    EXPECT_EQ(report.scalars.size(), 3u);
    kept_sent += task.operands.at(kA).sent;
    shared_sent += task.operands.at(kB).sent;
    return true;
  };
  const Summary processes = run.run(), simulated = run.simulated();
  EXPECT_EQ(processes.rounds, 20);
  EXPECT_GT(processes.z.norm(), 0);
  EXPECT_EQ(processes.iterate_digest, simulated.iterate_digest);
  EXPECT_EQ(kept_sent, 0) << "each worker forms its own";
  EXPECT_EQ(shared_sent, 4 * 9) << "one for two rounds, and zeros for the first two";
  // Headers of 64 bytes, 20 shared numbers and those 36 times 3; 20 + 3 + 3 numbers up.
  EXPECT_EQ(processes.bytes_down, 80 * (64 + 8 * 20) + 36 * 8 * 3);
  EXPECT_EQ(processes.bytes_up, 80 * (64 + 8 * 26));
  EXPECT_EQ(simulated.bytes_down, processes.bytes_down);
  EXPECT_EQ(simulated.bytes_up, processes.bytes_up);
}

// A successor holds nothing: with its first task it is sent both.
TEST(Operands, ASuccessorIsSentWhatItDoesNotHold) {
  InnerRun run;
  run.rounds = 20;
  run.make_method = [](const Problem& problem) {
    return MethodHalves{std::make_unique<OddWorker>(problem),
                        std::make_unique<OddCoordinator>(problem)};
  };
  int kept_sent = 0, hung_up = 0;
  run.spoil = [&](Caller& caller, const TaskMessage& task, ReportMessage&) {
    kept_sent += task.operands.at(kA).sent;
    if (task.id != 41) return true;
    ++hung_up;
    if (hung_up == 1) caller.connection().close();
    return hung_up > 1;
  };
  EXPECT_EQ(run.run().iterate_digest, run.undisturbed());
  EXPECT_EQ(hung_up, 2);
  EXPECT_EQ(kept_sent, 1);
}

}  // namespace
}  // namespace laggard::testing
