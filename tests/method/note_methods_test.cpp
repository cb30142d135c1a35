// gd, agd, nesterov and fedavg against worked numbers, against each other and against textbooks.
#include "tests/method/dense_problem.hpp"
#include "tests/method/sync_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <fstream>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;
using testing::Dense;
using testing::load;
using testing::relative_distance;
using testing::SyncRun;

const json::object& vectors() {
  static const json::object all = [] {
    std::ifstream file(LAGGARD_TESTS_DIR "/vectors/note_methods.json");
    std::stringstream text;
    text << file.rdbuf();
    return json::parse(text.str()).as_object();
  }();
  return all;
}

double number(const json::object& object, std::string_view key) {
  return object.at(key).to_number<double>();
}

Vector vector_of(const json::value& list) {
  Vector out(static_cast<Eigen::Index>(list.as_array().size()));
  for (Eigen::Index i = 0; i < out.size(); ++i)
    out[i] = list.as_array()[static_cast<std::size_t>(i)].to_number<double>();
  return out;
}

Problem heart(double lam_over_n, int shards = 4, const std::string& loss = "logistic") {
  return load("heart", shards, loss, fmt::format("l2:{}", 270 * lam_over_n));
}

void expect_near(const Vector& found, const json::value& expected) {
  const Vector numbers = vector_of(expected);
  for (Eigen::Index j = 0; j < numbers.size(); ++j)
    EXPECT_NEAR(found[j], numbers[j], 1e-12 * std::max(1.0, std::abs(numbers[j])));
}

// The objective of every step, the first iterate and the last.
void follow(SyncRun run, const Problem& problem, const json::object& expected) {
  const json::array& objective_of = expected.at("objective").as_array();
  for (std::size_t k = 0; k < objective_of.size(); ++k) {
    if (k > 0) run.round();
    EXPECT_NEAR(objective(problem, view(run.z())) / 270, objective_of[k].to_number<double>(), 1e-12)
        << "step " << k;
    if (k == 1) expect_near(run.z(), expected.at("w_1"));
  }
  expect_near(run.z(), expected.at("w_last"));
}

TEST(NoteMethods, FollowTheWorkedNumbers) {
  for (const json::value& value : vectors().at("cases").as_array()) {
    const json::object& c = value.as_object();
    const std::string name(c.at("name").as_string());
    SCOPED_TRACE(name);
    const Problem problem = heart(number(c, "lam_over_N"), c.at("P").to_number<int>());
    OptionValues options = {{"step-size", number(c, "alpha")}};
    const json::value& beta = c.at("beta");
    if (beta.is_string())
      options["momentum"] = std::string(beta.as_string());
    else if (c.at("kind") == "nesterov")
      options["momentum"] = fmt::format("{}", number(c, "beta"));
    else if (name != "gd")
      options["momentum"] = number(c, "beta");
    const std::string method = c.at("kind") == "nesterov" ? "nesterov"
                               : name == "gd"             ? "gd"
                                                          : "agd";
    follow(SyncRun(method, problem, options), problem, c);
  }
}

TEST(NoteMethods, FedAvgFollowsTheWorkedNumbers) {
  for (const json::value& value : vectors().at("fedavg").as_array()) {
    const json::object& c = value.as_object();
    SCOPED_TRACE(json::serialize(c.at("q")));
    const Problem problem = heart(number(c, "lam_over_N"));
    follow(SyncRun("fedavg", problem,
                   {{"local-steps", c.at("q").to_number<std::int64_t>()},
                    {"local-step", number(c, "local_step")},
                    {"step-size", number(c, "alpha")},
                    {"step-decay", std::string(c.at("decay").as_string())}}),
           problem, c);
  }
}

// The limits are solutions of linear systems; a round shrinks the distance by 1 - eta mu at least.
TEST(NoteMethods, FedAvgTendsToTheLimitOfTheSquaredLossAndNotToTheOptimum) {
  for (const json::value& value : vectors().at("fedavg_limit_squared").as_array()) {
    const json::object& c = value.as_object();
    const auto steps = c.at("q").to_number<std::int64_t>();
    SCOPED_TRACE(steps);
    const Problem problem = heart(number(c, "lam_over_N"), 4, "squared");
    SyncRun run("fedavg", problem,
                {{"local-steps", steps}, {"local-step", number(c, "local_step")}});
    for (std::int64_t k = 0; k < 8000 / steps; ++k) run.round();
    const Vector limit = vector_of(c.at("w_limit"));
    EXPECT_LE(relative_distance(run.z(), limit), 1e-10);
    EXPECT_NEAR(objective(problem, view(run.z())) / 270, number(c, "objective"), 1e-12);
    if (steps > 1) {
      EXPECT_GT(objective(problem, view(run.z())) / 270, number(c, "objective_optimal") + 1e-6);
    }
  }
}

// The same bits, update by update.
void expect_same(SyncRun a, SyncRun b, int rounds) {
  for (int k = 0; k < rounds; ++k) {
    const Residuals of_a = a.round(), of_b = b.round();
    ASSERT_EQ(a.z(), b.z()) << k;
    ASSERT_EQ(of_a.primal, of_b.primal) << k;
    ASSERT_EQ(of_a.norm_x, of_b.norm_x) << k;
  }
}

TEST(NoteMethods, WithoutMomentumAllAreGradientDescentBitForBit) {
  for (const char* regularizer : {"none", "l2:2.7"}) {
    const Problem problem = load("heart", 4, "logistic", regularizer);
    const OptionValues step = {{"step-size", 0.3}};
    const auto with = [&](const char* name, const OptionValue& value) {
      OptionValues options = step;
      options[name] = value;
      return options;
    };
    expect_same(SyncRun("gd", problem, step), SyncRun("agd", problem, with("momentum", 0.0)), 50);
    expect_same(SyncRun("gd", problem, step),
                SyncRun("nesterov", problem, with("momentum", std::string("0"))), 50);
    const auto one_step = [](double alpha, double eta) {
      return OptionValues{
          {"local-steps", std::int64_t{1}}, {"step-size", alpha}, {"local-step", eta}};
    };
    expect_same(SyncRun("gd", problem, step), SyncRun("fedavg", problem, one_step(1, 0.3)), 50);
    expect_same(SyncRun("gd", problem, {{"step-size", 0.5 * 0.7}}),
                SyncRun("fedavg", problem, one_step(0.5, 0.7)), 50);
  }
}

// w_new = w - alpha grad Q(w) + beta (w - w_old): no velocity anywhere.
TEST(NoteMethods, HeavyBallInPositionsIsTheSame) {
  const Problem problem = heart(0.01);
  const Dense dense(problem);
  SyncRun run("agd", problem, {{"step-size", 0.4}, {"momentum", 0.7}});
  Vector w = Vector::Zero(13), w_old = w;
  for (int k = 0; k < 200; ++k) {
    run.round();
    const Vector w_new =
        w - 0.4 * (dense.gradient(w) + 2.7 * w) / 270 + 0.7 * (w - std::exchange(w_old, w));
    w = w_new;
    ASSERT_LE(relative_distance(run.z(), w), 1e-12) << k;
  }
}

// Beck and Teboulle's points, with a sequence that begins one later: at t_1, not at t_0 = 1.
TEST(NoteMethods, NesterovWithTheSequenceTIsFistaOneAhead) {
  const Problem problem = load("heart", 4, "logistic", "none");
  const Dense dense(problem);
  SyncRun run("nesterov", problem, {{"step-size", 1.0}, {"momentum", std::string("t")}});
  Vector x = Vector::Zero(13), y = x;
  double t = (1 + std::sqrt(5)) / 2;
  for (int k = 0; k < 200; ++k) {
    run.round();
    const Vector x_new = y - dense.gradient(y) / 270;
    const double t_new = (1 + std::sqrt(1 + 4 * t * t)) / 2;
    y = x_new + (t - 1) / t_new * (x_new - x);
    x = x_new;
    t = t_new;
    ASSERT_LE(relative_distance(run.z(), x), 1e-12) << k;
  }
}

TEST(NoteMethods, TheNumberOfShardsChangesNothingButRounding) {
  for (const char* method : {"gd", "agd", "nesterov"}) {
    const OptionValues step = {{"step-size", 0.4}};
    SyncRun one(method, heart(0.01, 1), step), four(method, heart(0.01, 4), step),
        seven(method, heart(0.01, 7), step);
    for (int k = 0; k < 100; ++k) {
      for (SyncRun* run : {&one, &four, &seven}) run->round();
      ASSERT_LE(relative_distance(four.z(), one.z()), 1e-12) << method << k;
      ASSERT_LE(relative_distance(seven.z(), one.z()), 1e-12) << method << k;
    }
  }
}

// One shard is the whole problem: q local steps are q steps of gradient descent.
TEST(NoteMethods, FedAvgOfOneShardIsGradientDescent) {
  const Problem problem = heart(0.01, 1);
  SyncRun fedavg("fedavg", problem, {{"local-steps", std::int64_t{7}}, {"local-step", 0.4}});
  SyncRun gd("gd", problem, {{"step-size", 0.4}});
  for (int k = 0; k < 30; ++k) {
    fedavg.round();
    for (int i = 0; i < 7; ++i) gd.round();
    ASSERT_LE(relative_distance(fedavg.z(), gd.z()), 1e-12) << k;
  }
}

// On a quadratic of one curvature: just below the step of the advice it shrinks, just above it
// grows.
TEST(NoteMethods, TheAdviceOnDivergenceIsWhereStabilityEnds) {
  const Problem problem = heart(1, 4, "squared");
  for (const char* method : {"gd", "agd", "nesterov"}) {
    OptionValues options = {{"step-size", 1.0}};
    if (method == std::string("agd")) options["momentum"] = 0.5;
    if (method == std::string("nesterov")) options["momentum"] = std::string("0.5");
    const std::string advice =
        SyncRun(method, problem, options).halves.coordinator->advice_on_divergence();
    const double bound = std::stod(advice.substr(advice.find("below ") + 6));
    const auto size_after = [&](double step) {
      options["step-size"] = step;
      SyncRun run(method, problem, options);
      for (int k = 0; k < 400; ++k) run.round();
      return run.z().norm();
    };
    EXPECT_LT(size_after(0.99 * bound), 10) << advice;
    // L is an upper bound, by some ten percent at most for the sum of shards that are alike.
    EXPECT_GT(size_after(1.4 * bound), 1e6) << advice;
  }
}

}  // namespace
}  // namespace laggard
