// Many seeds of random runs, with every invariant on. A failure prints the command that replays it.
#include "core/reference/reference.hpp"
#include "core/task/random.hpp"
#include "tests/support/testbed.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace laggard::testing {
namespace {

// The choices of one seed.
class Choice {
 public:
  explicit Choice(std::uint64_t seed) : seed_(seed) {}
  int below(int n) { return static_cast<int>(n * uniform(seed_, Stream::shuffle, next_++, 77)); }
  int between(int low, int high) { return low + below(high - low + 1); }
  template <class T>
  const T& of(const std::vector<T>& values) {
    return values[static_cast<std::size_t>(below(static_cast<int>(values.size())))];
  }
  double real(double low, double high) {
    return low + (high - low) * uniform(seed_, Stream::shuffle, next_++, 77);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t next_ = 0;
};

struct Trial {
  std::string protocol;
  OptionValues options;
  int workers, shards, rounds;
  std::string straggler, policy, regularizer;
  double relaxation, latency, cold_start, function_timeout, gamma = 0;
  bool literal_time;  // no network costs

  std::string command(std::uint64_t seed) const {
    std::string text = fmt::format(
        "runner --synthetic n=60,d=6,density=0.5,seed={} --regularizer {} --protocol {} --workers "
        "{} "
        "--straggler '{}' --seed {} --rho-policy {} --relaxation {} --latency {} --cold-start {} "
        "--function-timeout {} --max-rounds {} --stop none",
        seed, regularizer, protocol, workers, straggler, seed, policy, relaxation, latency,
        cold_start, std::isinf(function_timeout) ? "none" : fmt::format("{}", function_timeout),
        rounds);
    if (protocol != "coded") text += fmt::format(" --shards {}", shards);
    if (literal_time) text += " --bandwidth inf --service-time 0";
    for (const auto& [name, value] : options)
      std::visit([&, key = name](const auto& v) { text += fmt::format(" --{} {}", key, v); },
                 value);
    return text;
  }
};

void choose_options(Trial& t, Choice& choice) {
  const auto integer = [](int n) { return OptionValue(std::int64_t{n}); };
  if (t.protocol == "backup") {
    t.options["backup-after"] = choice.real(1, 4);
    t.options["max-backups"] = integer(choice.below(4));
  } else if (t.protocol == "multi_message") {
    t.shards = t.workers;
    t.options["redundancy"] = integer(choice.below(t.workers));
    t.options["superseded"] = choice.of<std::string>({"finish", "preempt"});
  } else if (t.protocol == "async") {
    t.options["tau"] = integer(choice.between(1, 9));
    t.options["min-arrivals"] = integer(choice.between(1, t.shards));
    if (choice.below(3) == 0) t.gamma = choice.real(0, 3);
    if (choice.below(3) == 0) t.options["tau-seconds"] = choice.real(0, 0.1);
  } else if (t.protocol == "partial_barrier") {
    const std::string missing = choice.of<std::string>({"reuse", "late_merge", "discard"});
    t.options["drop"] = integer(choice.below(t.shards));
    t.options["missing"] = missing;
    t.options["superseded"] = missing == "late_merge"
                                  ? std::string("finish")
                                  : choice.of<std::string>({"finish", "preempt"});
    t.options["tau"] =
        choice.below(2) ? integer(choice.between(1, 9)) : OptionValue(std::string("none"));
    if (choice.below(3) == 0) t.options["tau-seconds"] = choice.real(0, 0.1);
  } else if (t.protocol == "coded") {
    std::vector<int> fits;
    for (int s = 0; s < t.workers; ++s)
      if (t.workers % (s + 1) == 0) fits.push_back(s);
    const int s = choice.of(fits);
    t.shards = t.workers / (s + 1);
    t.options["redundancy"] = integer(s);
    t.options["superseded"] = choice.of<std::string>({"finish", "preempt"});
  }
}

Trial choose(std::uint64_t seed) {
  Choice choice(seed);
  Trial t;
  t.protocol = choice.of<std::string>(
      {"sync", "async", "partial_barrier", "coded", "backup", "multi_message"});
  t.workers = choice.between(1, 12);
  t.shards = t.workers + (choice.below(4) == 0 ? choice.below(5) : 0);
  t.straggler = choice.of<std::string>({"none", "lambda", "shifted_exponential", "pareto", "markov",
                                        "bimodal:p=0.2,factor=10", "persistent:share=0.3,factor=8",
                                        "fixed:1,1,2", "fixed:0.5,3,0.1,7"});
  if (choice.below(3) == 0) t.straggler += "+crash:p=0.05";
  t.policy = choice.of<std::string>(
      {"fixed", "residual_balancing:mu=10,factor=2", "residual_balancing:mu=2,factor=3"});
  t.regularizer =
      choice.of<std::string>({"l1:1", "l2:0.5", "none", "elastic_net:0.5,0.5", "nonnegative"});
  t.relaxation = choice.below(3) == 0 ? choice.real(0.5, 1.8) : 1.0;
  t.latency = choice.below(2) ? 0.0005 : 0;
  t.literal_time = choice.below(2) == 0;
  t.cold_start = choice.below(2) ? 0.25 : 0;
  t.rounds = choice.between(1, 40);
  choose_options(t, choice);
  // Mostly so short that workers are handed over, and never too short for a start and some tasks.
  const bool long_tasks = t.straggler.starts_with("fixed");
  const double least = long_tasks ? 20 : t.cold_start > 0 ? 0.6 : 0.02;
  t.function_timeout = choice.below(3) ? choice.real(least, 3 * least) : kInfinity;
  return t;
}

Testbed bed_of(const Trial& t, std::uint64_t seed) {
  Testbed bed;
  bed.problem = synthetic(fmt::format("n=60,d=6,density=0.5,seed={}", seed), t.shards, "logistic",
                          t.regularizer);
  bed.workers = t.workers;
  bed.straggler = t.straggler;
  bed.seed = seed;
  bed.method_options = {{"rho-policy", t.policy}, {"relaxation", t.relaxation}, {"gamma", t.gamma}};
  bed.network = t.literal_time ? NetworkOptions{} : function_network();
  bed.network.latency = t.latency;
  bed.cold_start = t.cold_start;
  bed.function_timeout = t.function_timeout;
  bed.session.stopping.rule = StopRule::none;
  bed.session.max_rounds = t.rounds;
  bed.session.protocol_options = t.options;
  bed.session.threads = 1;
  return bed;
}

// The invariants that can be seen from outside; Session asserts the others.
void check(const Trial& t, const Testbed::Outcome& outcome) {
  ASSERT_EQ(outcome.summary.stop, StopReason::max_rounds) << outcome.summary.detail;
  ASSERT_EQ(outcome.rounds.size(), static_cast<std::size_t>(t.rounds));
  ASSERT_EQ(outcome.tasks.size(), static_cast<std::size_t>(outcome.summary.tasks));
  Time now{};
  std::map<int, std::vector<ShardId>> accepted;
  std::map<WorkerId, std::vector<std::pair<Time, Time>>> busy;
  for (const TaskRow& task : outcome.tasks) {
    if (task.outcome == Outcome::accepted) accepted[task.round].push_back(task.shard);
    if (task.finished != kForever && task.started != kForever) {
      EXPECT_LE(task.started, task.finished);
      busy[task.worker].emplace_back(task.started, task.finished);
    }
  }
  for (const RoundRow& row : outcome.rounds) {
    EXPECT_GE(row.at, now) << "virtual time runs backwards";
    now = row.at;
    auto& shards = accepted[row.round];
    std::sort(shards.begin(), shards.end());
    EXPECT_EQ(shards, row.fresh) << "round " << row.round;
    EXPECT_TRUE(std::isfinite(row.objective));
    EXPECT_GE(row.age_max, 1);
    if (t.options.contains("tau") && std::holds_alternative<std::int64_t>(t.options.at("tau"))) {
      EXPECT_LE(row.age_max, std::get<std::int64_t>(t.options.at("tau")));
    }
    if (t.protocol == "sync" || t.protocol == "coded" || t.protocol == "backup" ||
        t.protocol == "multi_message") {
      EXPECT_EQ(row.fresh.size(), static_cast<std::size_t>(t.shards));
      EXPECT_EQ(row.age_max, 1);
      EXPECT_EQ(row.staleness_max, 1);
    }
    if (t.protocol == "async") {
      EXPECT_GE(row.accepted, std::get<std::int64_t>(t.options.at("min-arrivals")));
    }
    if (t.protocol == "partial_barrier") {
      EXPECT_GE(row.accepted, t.shards - std::get<std::int64_t>(t.options.at("drop")));
    }
  }
  for (auto& [worker, spans] : busy) {
    std::sort(spans.begin(), spans.end());
    for (std::size_t i = 1; i < spans.size(); ++i)
      EXPECT_LE(spans[i - 1].second, spans[i].first)
          << "worker " << worker << " does two things at once";
  }
}

// At every update each shard has a new report, or the z behind its last one is not older than
// tau_seconds.
void check_ages(const Testbed::Outcome& outcome, int shards, Time tau_seconds) {
  std::vector<Time> made_at = {Time{}};  // z_0, z_1, ...
  for (const RoundRow& row : outcome.rounds) made_at.push_back(row.at);
  std::map<std::pair<int, ShardId>, Time> taken;  // by round: of the z behind
  for (const TaskRow& task : outcome.tasks)
    if (task.outcome == Outcome::accepted)
      taken[{task.round, task.shard}] =
          made_at.at(static_cast<std::size_t>(task.round - task.staleness));
  std::vector<Time> z_at(static_cast<std::size_t>(shards), Time{});
  for (const RoundRow& row : outcome.rounds)
    for (ShardId shard = 0; shard < shards; ++shard) {
      const auto found = taken.find({row.round, shard});
      Time& z = z_at[static_cast<std::size_t>(shard)];
      if (found != taken.end())
        z = found->second;
      else
        EXPECT_LE(row.at - z, tau_seconds) << "round " << row.round << " shard " << shard;
    }
}

std::uint64_t environment(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value ? std::strtoull(value, nullptr, 10) : otherwise;
}

// LAGGARD_SEEDS runs so many (a night's size is 100000), LAGGARD_FIRST_SEED from another one on.
TEST(Simulation, InvariantsHoldForEverySeed) {
  const std::uint64_t first = environment("LAGGARD_FIRST_SEED", 1),
                      count = environment("LAGGARD_SEEDS", 2000);
  std::uint64_t handed_over = 0, bounded = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const Trial trial = choose(seed);
    const Testbed bed = bed_of(trial, seed);
    try {
      const auto outcome = bed.run(trial.protocol);
      check(trial, outcome);
      if (const auto tau = trial.options.find("tau-seconds"); tau != trial.options.end()) {
        check_ages(outcome, trial.shards, from_seconds(std::get<double>(tau->second)));
        bounded += outcome.rounds.size();
      }
      for (const LifeRow& life : outcome.summary.lives) handed_over += life.end == "handed over";
      if (seed % 16 == 0) {
        const auto again = bed.run(trial.protocol);
        EXPECT_EQ(again.summary.iterate_digest, outcome.summary.iterate_digest);
        EXPECT_EQ(again.summary.schedule_digest, outcome.summary.schedule_digest);
      }
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
    ASSERT_FALSE(HasFailure()) << "seed " << seed << ", to replay: " << trial.command(seed);
  }
  if (count >= 1000) {
    EXPECT_GT(handed_over, count);
    EXPECT_GT(bounded, count);
  }
}

}  // namespace
}  // namespace laggard::testing
