// sequential: whose work is lost changes no model's path; times by hand.           [math 13.3]
#include "core/io/error.hpp"
#include "tests/support/testbed.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <cmath>
#include <fstream>
#include <sstream>

namespace laggard::testing {
namespace {

struct Code {
  const char* name;
  std::int64_t burst, window, lam;
  int units, delay;  // of 8 workers
};

const std::vector<Code> kCodes = {{"selective_repeat", 1, 2, 3, 8, 1},
                                  {"selective_repeat", 2, 3, 2, 8, 2},
                                  {"multiplexed", 1, 2, 2, 8 * 4, 1},
                                  {"multiplexed", 2, 3, 1, 8 * 6, 3},
                                  {"multiplexed", 1, 3, 8, 8 * 2, 2}};
bool is_plain(const Code& code) { return code.lam == 8; }

OptionValues options_of(const Code& code, const char* wait) {
  return {{"code", std::string(code.name)},
          {"burst", code.burst},
          {"window", code.window},
          {"lam", code.lam},
          {"wait", std::string(wait)}};
}

constexpr int kRounds = 12;  // of each model

Testbed bed_of(const std::string& method, int units) {
  Testbed bed;
  const bool l1 = method == "fista" || method == "linearized_admm";
  bed.problem = load("heart", units, "logistic", l1 ? "l1:1" : "l2:2");
  bed.workers = 8;
  bed.method = method;
  bed.session.stopping.rule = StopRule::none;
  bed.session.max_rounds = kRounds;
  bed.straggler = "invocations:p_round=0.1";
  return bed;
}

void expect_near(const Vector& a, const Vector& b) {
  EXPECT_LE((a - b).norm(), 1e-9 * std::max(1.0, b.norm()));
}

// Job j is of model j mod M, and each model is one that nobody else took turns with.
TEST(Sequential, EachModelTakesThePathOfSync) {
  int lost = 0;
  for (const char* method : {"gd", "agd", "nesterov", "fista", "sgd", "linearized_admm"})
    for (const Code& code : kCodes)
      for (const char* wait : {"due", "model"}) {
        SCOPED_TRACE(fmt::format("{} {} {} {}", method, code.name, code.window, wait));
        Testbed bed = bed_of(method, code.units);
        const auto sync = bed.run("sync");
        const int models = code.delay + 1;
        bed.session.protocol_options = options_of(code, wait);
        for (int model = 0; model < models; ++model) {
          bed.seed = static_cast<std::uint64_t>(model);
          bed.session.max_rounds = (kRounds - 1) * models + model + 1;
          const auto outcome = bed.run("sequential");
          ASSERT_EQ(outcome.rounds.size(), static_cast<std::size_t>(*bed.session.max_rounds));
          for (std::size_t k = 0; k < outcome.rounds.size(); ++k) {
            const RoundRow& row = outcome.rounds[k];
            const double expected = sync.rounds[k / static_cast<std::size_t>(models)].objective;
            EXPECT_NEAR(row.objective, expected, is_plain(code) ? 0 : 1e-9 * expected);
            EXPECT_EQ(row.staleness_max, 1);
          }
          if (is_plain(code))
            EXPECT_EQ(outcome.summary.z, sync.summary.z);
          else
            expect_near(outcome.summary.z, sync.summary.z);
          if (!is_plain(code)) {
            EXPECT_LE(outcome.summary.decode_error, 1e-9);
          }
          for (const TaskRow& row : outcome.tasks) lost += row.outcome == Outcome::revoked;
        }
      }
  EXPECT_GT(lost, 500);
}

TEST(Sequential, EachModelHasItsOwnStep) {
  Testbed bed = bed_of("gd", 8);
  const std::vector<double> steps = {0.1, 0.5, 1.5};
  bed.session.protocol_options = options_of(kCodes[0], "due");
  bed.session.protocol_options["model-steps"] = std::string("0.1,0.5,1.5");
  bed.session.max_rounds = 3 * kRounds;
  const auto outcome = bed.run("sequential");
  for (std::size_t m = 0; m < steps.size(); ++m) {
    Testbed alone = bed_of("gd", 8);
    alone.method_options = {{"step-size", steps[m]}};
    const auto sync = alone.run("sync");
    for (std::size_t k = 0; k < kRounds; ++k)
      EXPECT_NEAR(outcome.rounds[3 * k + m].objective, sync.rounds[k].objective,
                  1e-9 * sync.rounds[k].objective);
  }
}

constexpr const char* kLambdas = "0.5,1,20";
const std::vector<double> kFactors = {0.5, 1, 20};

Testbed bed_of_lambdas(const std::string& method) {
  Testbed bed = bed_of(method, 8);
  bed.session.protocol_options = options_of(kCodes[0], "due");
  bed.session.protocol_options["model-lambdas"] = std::string(kLambdas);
  return bed;
}

// What one model is alone, of l2:2 or l1:1.
Testbed alone_with(const std::string& method, double factor) {
  Testbed alone = bed_of(method, 8);
  const bool l1 = method == "fista" || method == "linearized_admm";
  const std::string h = l1 ? fmt::format("l1:{}", factor) : fmt::format("l2:{}", 2 * factor);
  alone.problem = load("heart", 8, "logistic", h);
  return alone;
}

TEST(Sequential, EachModelHasItsOwnLambda) {
  for (const char* method : {"gd", "agd", "nesterov", "fista", "sgd", "linearized_admm"})
    for (const bool threads : {false, true}) {
      SCOPED_TRACE(fmt::format("{} {}", method, threads));
      Testbed bed = bed_of_lambdas(method);
      if (threads) bed.straggler = "none";
      bed.references = {10, 100, 1000};
      bed.session.max_rounds = 3 * kRounds;
      const auto outcome = bed.run("sequential", threads);
      ASSERT_EQ(outcome.rounds.size(), static_cast<std::size_t>(3 * kRounds));
      ASSERT_EQ(outcome.summary.models.size(), 3u);
      for (std::size_t m = 0; m < kFactors.size(); ++m) {
        const auto sync = alone_with(method, kFactors[m]).run("sync");
        for (std::size_t k = 0; k < kRounds; ++k) {
          const RoundRow& row = outcome.rounds[3 * k + m];
          EXPECT_NEAR(row.objective, sync.rounds[k].objective, 1e-9 * sync.rounds[k].objective);
          EXPECT_EQ(row.gap, relative_gap(row.objective, bed.references[m]));
        }
        const ModelOutcome& model = outcome.summary.models[m];
        EXPECT_EQ(model.round, 3 * (kRounds - 1) + static_cast<int>(m) + 1);
        EXPECT_EQ(model.objective, outcome.rounds[3 * (kRounds - 1) + m].objective);
        EXPECT_EQ(model.gap, outcome.rounds[3 * (kRounds - 1) + m].gap);
        expect_near(model.z, sync.summary.z);
      }
      EXPECT_EQ(outcome.summary.z, outcome.summary.models.back().z);
    }
}

// By bounds of its own: those of another problem would certify what is not true.
TEST(Sequential, EachLambdaIsCertifiedByItself) {
  Testbed bed = bed_of_lambdas("agd");
  bed.session.stopping = {};
  bed.session.max_rounds = 6000;
  const auto outcome = bed.run("sequential");
  EXPECT_EQ(outcome.summary.stop, StopReason::converged);
  ASSERT_EQ(outcome.summary.models.size(), 3u);
  for (std::size_t m = 0; m < kFactors.size(); ++m) {
    Testbed alone = alone_with("agd", kFactors[m]);
    alone.session.max_rounds = 4000;
    const double least = alone.run("sync").rounds.back().objective;
    const ModelOutcome& model = outcome.summary.models[m];
    EXPECT_LE(relative_gap(model.objective, least), bed.session.stopping.eps_gap);
    EXPECT_LE(relative_gap(model.objective, least), model.certified_gap + 1e-12);
    EXPECT_LE(model.certified_gap, bed.session.stopping.eps_gap);
  }
}

TEST(Sequential, EachLambdaGoesOnFromACheckpoint) {
  Testbed bed = bed_of("agd", 16);
  bed.session.protocol_options = options_of(kCodes[4], "due");
  bed.session.protocol_options["model-lambdas"] = std::string(kLambdas);
  bed.session.max_rounds = 31;
  std::string state;
  bed.session.checkpoint = [&](int round, std::string now) {
    if (round == 17) state = std::move(now);
  };
  const auto whole = bed.run("sequential");
  bed.session.checkpoint = nullptr;
  bed.resume = state;
  EXPECT_EQ(bed.run("sequential").summary.iterate_digest, whole.summary.iterate_digest);
}

// A run of several models is over once each has been there.
TEST(Sequential, EndsOnceEachModelHasMetTheTarget) {
  for (const char* method : {"gd", "linearized_admm"}) {
    Testbed bed = bed_of(method, 8);
    bed.session.protocol_options = options_of(kCodes[0], "due");
    const char* steps = method == std::string("gd") ? "0.3,1" : "0.0005,0.002";
    bed.session.protocol_options["model-steps"] = std::string(steps);
    bed.session.max_rounds = 4000;
    const auto far = bed.run("sequential");
    bed.session.reference = far.rounds.back().objective;
    bed.session.target_gap = 0.01;
    const auto outcome = bed.run("sequential");
    EXPECT_EQ(outcome.summary.stop, StopReason::target_gap);
    std::vector<int> met(2);  // the first round of each
    for (const RoundRow& row : outcome.rounds)
      if (int& first = met[static_cast<std::size_t>(row.round + 1) % 2];
          first == 0 && row.gap <= 0.01)
        first = row.round;
    EXPECT_GT(met[0], 0);
    EXPECT_GT(met[1], 0);
    EXPECT_GT(std::abs(met[0] - met[1]), 20);
    EXPECT_EQ(outcome.summary.rounds, std::max(met[0], met[1]));
  }
}

TEST(Sequential, EndsOnceEachModelIsCertified) {
  Testbed bed = bed_of("agd", 8);
  bed.session.protocol_options = options_of(kCodes[0], "due");
  bed.session.stopping = {};
  bed.session.max_rounds = 4000;
  const auto outcome = bed.run("sequential");
  EXPECT_EQ(outcome.summary.stop, StopReason::converged);
  EXPECT_LE(outcome.summary.certified_gap, bed.session.stopping.eps_gap);
}

// x_{k+1} from the gradient at x_{k-T}, x_0 at first, by the method's own two halves.
TEST(Sequential, StaleGradientsAreThoseOfTheDefinition) {
  for (const Code& code : kCodes) {
    SCOPED_TRACE(fmt::format("{} {}", code.name, code.window));
    Testbed bed = bed_of("linearized_admm", code.units);
    bed.session.protocol_options = options_of(code, "due");
    bed.session.protocol_options["stale"] = std::string("yes");
    bed.session.max_rounds = 40;
    const auto outcome = bed.run("sequential");
    const MethodHalves halves =
        make_halves(methods().at("linearized_admm"), bed.problem,
                    settled("linearized_admm", {}, bed.problem, code.delay + 1), Precision::f64,
                    code.delay + 1, 2);
    const std::atomic<bool> never{false};
    Workspace scratch;
    std::vector<SharedVector> points;
    Residuals last;
    for (int k = 0; k < 40; ++k) {
      Task task;
      halves.coordinator->form(task);
      points.push_back(task.z);
      const SharedVector old = points[static_cast<std::size_t>(std::max(0, k - code.delay))];
      for (ShardId p = 0; p < code.units; ++p) {
        Task each;
        each.shard = p;
        halves.coordinator->form(each);
        each.z = old;
        halves.coordinator->accept(each, halves.worker->compute(each, scratch, never));
      }
      last = halves.coordinator->update();
      EXPECT_EQ(outcome.rounds[static_cast<std::size_t>(k)].staleness_max,
                std::min(k, code.delay) + 1);
    }
    expect_near(outcome.summary.z, *halves.coordinator->z());
    EXPECT_NEAR(outcome.rounds.back().dual, last.dual, 1e-9 * last.dual);
    if (is_plain(code)) {
      EXPECT_EQ(outcome.summary.z, *halves.coordinator->z());
    }
  }
}

TEST(Sequential, StaleGradientsReachTheOptimum) {
  Testbed bed = bed_of("linearized_admm", 48);
  bed.session.protocol_options = options_of(kCodes[3], "due");
  bed.session.protocol_options["stale"] = std::string("yes");
  bed.session.stopping = {};
  bed.session.max_rounds = 20000;
  EXPECT_EQ(bed.run("sequential").summary.stop, StopReason::converged);
}

std::vector<double> times_of(const std::vector<RoundRow>& rows) {
  std::vector<double> times;
  for (const RoundRow& row : rows) times.push_back(to_seconds(row.at));
  return times;
}

// Worker 3 takes 5 s a task, the others 1 s. s = 1 makes up for it in every round, which ends when
// it is late. Nothing is owed after the last job.
TEST(Sequential, SelectiveRepeatEndsARoundWhenWhoIsLateIsNotNeeded) {
  for (const char* wait : {"due", "model"}) {
    Testbed bed = bed_of("gd", 4);
    bed.workers = 4;
    bed.straggler = "fixed:1,1,1,5";
    bed.session.max_rounds = 5;
    bed.session.protocol_options = options_of({"selective_repeat", 1, 2, 1, 0, 0}, wait);
    EXPECT_EQ(times_of(bed.run("sequential").rounds), (std::vector<double>{4, 6, 8, 10, 10}));
  }
}

// Two of four are late and s = 1: in the next round one of them is asked for the old job again, and
// by the rule `due` is waited for. Of its own job that round has then three of four.
TEST(Sequential, SelectiveRepeatWaitsForWhatItAskedForAgain) {
  Testbed bed = bed_of("gd", 4);
  bed.workers = 4;
  bed.straggler = "fixed:1,1,5,4";
  bed.session.max_rounds = 4;
  bed.session.protocol_options = options_of({"selective_repeat", 1, 2, 2, 0, 0}, "due");
  // Round 0: 2 s. Round 1: worker 2 has job 0, worker 3 job 1, and both are back after 5 s. Of job
  // 1 worker 2 alone is missing. Round 2: 2 s. Round 3: job 2 again, 5 s. Then nothing is owed.
  EXPECT_EQ(times_of(bed.run("sequential").rounds), (std::vector<double>{7, 9, 14, 14}));
}

// Lists have one task in round 0 and two from then on. Round 0 ends at 2 s without worker 3, which
// is waited for in round 1, for what it then still owes to job 0; and so on in turns.
TEST(Sequential, MultiplexedWaitsForWhatIsOwedToTheJobDue) {
  Testbed bed = bed_of("gd", 4 * 3);
  bed.workers = 4;
  bed.straggler = "fixed:1,1,1,5";
  bed.session.max_rounds = 5;
  for (const char* wait : {"due", "model"}) {
    bed.session.protocol_options = options_of({"multiplexed", 1, 2, 1, 0, 0}, wait);
    EXPECT_EQ(times_of(bed.run("sequential").rounds), (std::vector<double>{12, 16, 26, 30, 35}));
  }
}

// Two of four are late, though lambda = 1: the rule `model` waits for all, `due` for the one that
// is asked again.
TEST(Sequential, DueNeedsNoPatternToConform) {
  Testbed bed = bed_of("gd", 4);
  bed.workers = 4;
  bed.straggler = "fixed:1,1,5,4";
  bed.session.max_rounds = 2;
  bed.session.protocol_options = options_of({"selective_repeat", 1, 2, 1, 0, 0}, "due");
  EXPECT_EQ(times_of(bed.run("sequential").rounds), (std::vector<double>{7, 7}));
  bed.session.protocol_options["wait"] = std::string("model");
  EXPECT_EQ(times_of(bed.run("sequential").rounds), (std::vector<double>{10, 10}));
}

template <int kModels>
void take_turns(ProtocolSetup& setup) {
  setup.models.count = kModels;
}

asio::awaitable<void> run_of_another_model(Session& s) {
  const Point point = s.newest_point(1);
  s.dispatch(0, 0, point);
  Report report = co_await s.next();
  s.accept(std::move(report));
}

asio::awaitable<void> run_two_points(Session& s) {
  const std::vector<Part> parts = {Part{0, 1}};
  const Point first = s.newest_point(0), second = s.newest_point(1);
  s.dispatch_coded(0, parts, first);
  s.dispatch_coded(0, parts, second);
  std::vector<Report> reports;
  reports.push_back(co_await s.next());
  reports.push_back(co_await s.next());
  s.accept_decoded(std::move(reports), {1, 1});
}

asio::awaitable<void> run_an_earlier_point(Session& s) {
  const std::vector<Part> parts = {Part{0, 1}};
  s.dispatch_coded(0, parts);
  s.dispatch_coded(0, parts);
  for (int i = 0; i < 2; ++i) {
    std::vector<Report> reports;
    reports.push_back(co_await s.next());
    s.accept_decoded(std::move(reports), {1});
    s.update();
  }
}

TEST(Sequential, SessionsRefuseWhatIsOfAnotherModelOrPoint) {
  Testbed bed = bed_of("gd", 1);
  bed.workers = 1;
  const auto run = [&](asio::awaitable<void> (*coroutine)(Session&), auto* prepare) {
    const Protocol protocol{.name = "wrong",
                            .summary = "",
                            .source = "",
                            .options = {},
                            .prepare = prepare,
                            .shards_of = nullptr,
                            .run = coroutine};
    bed.run(protocol);
  };
  EXPECT_THROW(run(run_of_another_model, take_turns<2>), InvariantViolation);
  EXPECT_THROW(run(run_two_points, take_turns<2>), InvariantViolation);
  EXPECT_THROW(run(run_an_earlier_point, take_turns<1>), InvariantViolation);
}

TEST(Sequential, ARunThatGoesOnTakesTheSamePath) {
  for (const Code& code : kCodes) {
    Testbed bed = bed_of("agd", code.units);
    bed.session.protocol_options = options_of(code, "due");
    bed.session.max_rounds = 31;
    std::string state;
    bed.session.checkpoint = [&](int round, std::string now) {
      if (round == 17) state = std::move(now);
    };
    const auto whole = bed.run("sequential");
    bed.session.checkpoint = nullptr;
    bed.resume = state;
    const auto rest = bed.run("sequential");
    EXPECT_EQ(rest.rounds.size(), 14u);
    expect_near(rest.summary.z, whole.summary.z);
    if (is_plain(code)) {
      EXPECT_EQ(rest.summary.iterate_digest, whole.summary.iterate_digest);
    }
  }
}

TEST(Sequential, ThreadsComputeWhatVirtualTimeDoes) {
  for (const Code& code : kCodes) {
    Testbed bed = bed_of("gd", code.units);
    bed.straggler = "none";
    bed.session.protocol_options = options_of(code, "due");
    bed.session.max_rounds = 12;
    const auto sim = bed.run("sequential"), threads = bed.run("sequential", true);
    if (is_plain(code)) {
      EXPECT_EQ(sim.summary.iterate_digest, threads.summary.iterate_digest);
    }
    expect_near(threads.summary.z, sim.summary.z);
    bed.session.protocol_options["mu"] = 1e9;  // nobody is late
    EXPECT_EQ(bed.run("sequential").summary.iterate_digest,
              bed.run("sequential", true).summary.iterate_digest);
  }
}

}  // namespace
}  // namespace laggard::testing
