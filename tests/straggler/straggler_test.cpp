#include "runners/fleets/straggler/straggler.hpp"
#include "core/io/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace laggard {
namespace {

std::vector<double> factors(const std::string& spec, int workers, int tasks,
                            std::uint64_t seed = 1) {
  const auto model = make_straggler(spec, seed, workers);
  std::vector<double> out;
  for (int t = 0; t < tasks; ++t)
    for (int w = 0; w < workers; ++w) out.push_back(model->draw(w, t).factor);
  return out;
}

double mean(const std::vector<double>& v) {
  return std::accumulate(v.begin(), v.end(), 0.0) / double(v.size());
}

double quantile(std::vector<double> v, double q) {
  std::sort(v.begin(), v.end());
  return v[static_cast<std::size_t>(q * double(v.size() - 1))];
}

TEST(Straggler, LuckDependsOnSeedWorkerAndTaskAlone) {
  for (const char* spec : {"shifted_exponential", "pareto", "lognormal", "bimodal", "markov",
                           "lambda", "invocations", "persistent"}) {
    const auto forward = make_straggler(spec, 3, 20), backward = make_straggler(spec, 3, 20);
    std::vector<double> ahead, behind;
    for (int i = 0; i < 400; ++i) ahead.push_back(forward->draw(i % 20, i / 20).factor);
    for (int i = 399; i >= 0; --i) behind.push_back(backward->draw(i % 20, i / 20).factor);
    std::reverse(behind.begin(), behind.end());
    EXPECT_EQ(ahead, behind) << spec;
    EXPECT_NE(ahead, factors(spec, 20, 20, 4)) << spec;
  }
}

TEST(Straggler, MeanOfTheSlowestOfManyShiftedExponentials) {
  // E max of W is 1 + H_W / mu; its variance is sum 1/(mu k)^2.
  constexpr int kWorkers = 64, kRounds = 4000;
  constexpr double kMu = 2;
  const auto f = factors("shifted_exponential:mu=2", kWorkers, kRounds);
  double sum = 0, harmonic = 0, variance = 0;
  for (int r = 0; r < kRounds; ++r)
    sum += *std::max_element(f.begin() + r * kWorkers, f.begin() + (r + 1) * kWorkers);
  for (int k = 1; k <= kWorkers; ++k) {
    harmonic += 1.0 / k;
    variance += 1.0 / (kMu * kMu * k * k);
  }
  EXPECT_NEAR(sum / kRounds, 1 + harmonic / kMu, 4 * std::sqrt(variance / kRounds));
}

TEST(Straggler, TwoPercentOfTasksHitMostRounds) {
  for (const auto& [workers, share] : {std::pair{64, 0.7256}, {256, 0.9943}}) {
    constexpr int kRounds = 4000;
    const auto f = factors("bimodal:p=0.02,factor=10", workers, kRounds);
    int hit = 0;
    for (int r = 0; r < kRounds; ++r)
      hit += std::count(f.begin() + r * workers, f.begin() + (r + 1) * workers, 10.0) > 0;
    EXPECT_NEAR(double(hit) / kRounds, share, 4 * std::sqrt(share * (1 - share) / kRounds));
  }
}

TEST(Straggler, ParetoAndLognormalHaveTheirQuantiles) {
  const auto pareto = factors("pareto:alpha=1.5,xmin=2", 100, 1000);
  EXPECT_GE(*std::min_element(pareto.begin(), pareto.end()), 2);
  EXPECT_NEAR(quantile(pareto, 0.5), 2 * std::pow(2, 1 / 1.5), 0.05);
  EXPECT_NEAR(quantile(pareto, 0.9), 2 * std::pow(10, 1 / 1.5), 0.3);
  const auto lognormal = factors("lognormal", 100, 1000);
  EXPECT_NEAR(quantile(lognormal, 0.5), 1, 0.01);
  EXPECT_NEAR(quantile(lognormal, 0.8413), std::exp(0.25), 0.02);
}

TEST(Straggler, MarkovStaysSlowForAWhile) {
  // Stationary share p_slow / (p_slow + p_recover); a slow spell lasts 1 / p_recover tasks.
  const int tasks = 2000;
  const auto f = factors("markov", 100, tasks);
  EXPECT_NEAR((mean(f) - 1) / 4, 0.02 / 0.22, 0.006);
  int spells = 0, slow = 0;
  for (std::size_t i = 0; i < f.size(); ++i) {
    slow += f[i] == 5;
    spells += f[i] == 5 && (i < 100 || f[i - 100] == 1);
  }
  EXPECT_NEAR(double(slow) / spells, 5, 0.3);
}

TEST(Straggler, PersistentSlowsAnExactShareForGood) {
  const auto f = factors("persistent:share=0.1,factor=8", 40, 3);
  for (int t = 0; t < 3; ++t) {
    EXPECT_EQ(std::count(f.begin() + 40 * t, f.begin() + 40 * (t + 1), 8.0), 4);
    EXPECT_TRUE(std::equal(f.begin(), f.begin() + 40, f.begin() + 40 * t));
  }
}

// Of running workers: the body of the published profile, and no tail.
TEST(Straggler, TasksOnLambdaHaveThePublishedBody) {
  const auto model = make_straggler("lambda", 1, 100);
  std::vector<double> f;
  for (int t = 0; t < 2000; ++t)
    for (int w = 0; w < 100; ++w) {
      const Slowdown slowdown = model->draw(w, t);
      f.push_back(slowdown.factor);
      EXPECT_EQ(slowdown.pause, Time{});
    }
  EXPECT_NEAR(quantile(f, 0.5), 1.0, 0.01);
  EXPECT_NEAR(quantile(f, 0.25), 0.97, 0.01);
  EXPECT_GT(quantile(f, 0.99), 1.25);
  EXPECT_LE(quantile(f, 0.999), 1.7);
  EXPECT_EQ(f, factors("invocations", 100, 2000)) << "the same";
}

TEST(Straggler, StartsOnLambdaHaveATailAndAHost) {
  const auto model = make_straggler("lambda", 1, 256);
  constexpr int kStarts = 400;
  std::vector<double> tails, hosts;
  for (Incarnation i = 1; i <= kStarts; ++i)
    for (WorkerId w = 0; w < 256; ++w) {
      const Start start = model->draw_start({w, i});
      if (start.tail > Time{}) tails.push_back(to_seconds(start.tail));
      hosts.push_back(start.factor);
    }
  constexpr double kShare = 0.018, kAll = 256.0 * kStarts;
  EXPECT_NEAR(double(tails.size()) / kAll, kShare, 4 * std::sqrt(kShare * (1 - kShare) / kAll));
  EXPECT_GE(quantile(tails, 0), 24.7);
  EXPECT_LE(quantile(tails, 1), 38.6);
  EXPECT_NEAR(mean(tails), (24.7 + 38.6) / 2, 4 * (38.6 - 24.7) / std::sqrt(12.0 * tails.size()));
  EXPECT_NEAR(quantile(hosts, 0.5), 1, 0.002);
  EXPECT_NEAR(quantile(hosts, 0.8413), std::exp(0.05), 0.002);
}

TEST(Straggler, LuckOfAStartDependsOnSeedWorkerAndIncarnationAlone) {
  const auto starts = [](const char* spec, std::uint64_t seed, bool forward) {
    const auto model = make_straggler(spec, seed, 20);
    std::vector<std::pair<Time, double>> all(400);
    for (int i = 0; i < 400; ++i) {
      const int k = forward ? i : 399 - i;
      const Start start = model->draw_start({k % 20, k / 20 + 1});
      all[static_cast<std::size_t>(k)] = {start.tail, start.factor};
      model->draw(k % 20, i);  // tasks in between change nothing
    }
    return all;
  };
  const char* spec = "lambda:p_tail=0.3";
  EXPECT_EQ(starts(spec, 3, true), starts(spec, 3, false));
  EXPECT_NE(starts(spec, 3, true), starts(spec, 4, true));
  EXPECT_EQ(starts(spec, 3, true), starts("lambda:p_tail=0.3+crash", 3, true));
  for (const char* other : {"none", "bimodal", "invocations", "crash", "fixed:1"})
    EXPECT_EQ(starts(other, 3, true), std::vector(400, std::pair(Time{}, 1.0))) << other;
}

// The recordings: 0.19 % of 140,800 tasks far late, by 24.7 to 38.6 s, in 9.5 % of their 550 rounds
// of 256 workers.                                                                       [math 9]
TEST(Straggler, InvocationsAreLateInBadRoundsAsTheRecordingsShow) {
  constexpr int kWorkers = 256, kRounds = 10000;
  const auto model = make_straggler("invocations", 1, kWorkers);
  std::vector<double> late;
  int bad_rounds = 0;
  for (int t = 0; t < kRounds; ++t) {
    const std::size_t before = late.size();
    for (WorkerId w = 0; w < kWorkers; ++w) {
      const double pause = to_seconds(model->draw(w, t).pause);
      if (pause > 1)
        late.push_back(pause - 0.025);
      else
        EXPECT_EQ(pause, 0.025);
    }
    bad_rounds += late.size() > before;
  }
  const double share = double(late.size()) / kWorkers / kRounds;
  const double bad = double(bad_rounds) / kRounds;
  // By the model's parameters; of binomial(256, 0.02) hits in a bad round, the mean square is
  // 256 x 0.02 x 0.98 + 5.12^2.
  constexpr double kBad = 0.096, kHits = 256 * 0.02, kSquare = kHits * 0.98 + kHits * kHits;
  const double missed = std::pow(0.98, 256);
  EXPECT_NEAR(bad, kBad * (1 - missed), 4 * std::sqrt(kBad * (1 - kBad) / kRounds));
  EXPECT_NEAR(share, kBad * 0.02,
              4 * std::sqrt((kBad * kSquare - kBad * kBad * kHits * kHits) / kRounds) / kWorkers);
  // And by the recordings, whose own chance is that of 550 rounds.
  EXPECT_NEAR(bad, 0.095, 2 * std::sqrt(0.095 * 0.905 / 550));
  EXPECT_NEAR(share, 0.0019, 0.0003);
  EXPECT_GE(quantile(late, 0), 24.7);
  EXPECT_LE(quantile(late, 1), 38.6);
  EXPECT_NEAR(mean(late), (24.7 + 38.6) / 2, 0.3);
}

TEST(Straggler, FixedTimesAreExactAndRepeatOverTheWorkers) {
  const auto model = make_straggler("fixed:1,0.3", 1, 5);
  EXPECT_EQ(model->draw(3, 9).exact, Time(300'000'000));
  EXPECT_EQ(model->draw(4, 0).exact, Time(1'000'000'000));
}

TEST(Straggler, ModelsTogetherDrawIndependently) {
  const auto both = make_straggler(
      "bimodal:p=0.5,factor=10+persistent:share=0,factor=2+shifted_exponential", 1, 50);
  const auto bimodal = make_straggler("bimodal:p=0.5,factor=10", 1, 50);
  double slow = 0, quick = 0;
  int slow_count = 0;
  for (int t = 0; t < 400; ++t)
    for (int w = 0; w < 50; ++w) {
      const double factor = bimodal->draw(w, t).factor, rest = both->draw(w, t).factor / factor;
      slow_count += factor == 10;
      (factor == 10 ? slow : quick) += rest;
    }
  EXPECT_NEAR(slow / slow_count, 2, 0.05);
  EXPECT_NEAR(quick / (20000 - slow_count), 2, 0.05);
}

TEST(Straggler, SpecsAreWrittenOutInFull) {
  EXPECT_EQ(canonical_straggler("bimodal:factor=3"), "bimodal:p=0.05,factor=3");
  EXPECT_EQ(canonical_straggler("fixed:1,1.3"), "fixed:1,1.3");
  EXPECT_EQ(canonical_straggler("lambda"), "lambda:p_tail=0.018,sigma_host=0.05");
  EXPECT_EQ(canonical_straggler("invocations:overhead=0"),
            "invocations:p_round=0.096,p_new=0.02,overhead=0");
}

TEST(Straggler, BadSpecsAreErrors) {
  for (const char* bad :
       {"", "slow", "fixed", "fixed:", "fixed:1,x", "fixed:-1", "fixed:nan", "bimodal:p=2",
        "bimodal:q=1", "bimodal:p", "bimodal:p=0.1,p=0.2", "lambda:p=1", "none:1", "pareto:alpha=0",
        "lambda+lambda", "fixed:1+lambda", "fixed:1e9", "lambda+"})
    EXPECT_THROW(canonical_straggler(bad), Error) << bad;
}

}  // namespace
}  // namespace laggard
