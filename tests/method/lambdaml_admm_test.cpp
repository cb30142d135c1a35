// ADMM as LambdaML codes it, with one dual for all shards, against worked numbers.  [math 12.2]
#include "tests/method/dense_problem.hpp"
#include "tests/method/sync_run.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <fstream>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;
using testing::load;
using testing::relative_distance;
using testing::SyncRun;

json::object read_vectors() {
  std::ifstream file(LAGGARD_TESTS_DIR "/vectors/lambdaml_admm.json");
  std::stringstream text;
  text << file.rdbuf();
  return json::parse(text.str()).as_object();
}

OptionValues exact(double rho, const std::string& reading) {
  return {{"rho", rho},
          {"rho-policy", "fixed"},
          {"solver", std::string("direct")},
          {"reading", reading}};
}

Vector vector_of(const json::value& numbers) {
  Vector out(static_cast<Eigen::Index>(numbers.as_array().size()));
  for (Eigen::Index j = 0; j < out.size(); ++j)
    out[j] = numbers.at(static_cast<std::size_t>(j)).to_number<double>();
  return out;
}

double phi(const Problem& problem, const SyncRun& run) { return objective(problem, view(run.z())); }

TEST(LambdaMlAdmm, FollowsTheWorkedNumbersToItsLimit) {
  const json::object vectors = read_vectors();
  const Problem problem = load("heart", 4, "squared", "l2:1");
  const double optimum = vectors.at("phi_optimal").to_number<double>();
  for (const json::value& value : vectors.at("runs").as_array()) {
    const json::object& c = value.as_object();
    const double rho = c.at("rho").to_number<double>();
    SyncRun run("admm", problem, exact(rho, "lambdaml"));
    for (const json::value& expected : c.at("phi_first_updates").as_array()) {
      run.round();
      EXPECT_NEAR(phi(problem, run), expected.to_number<double>(), 1e-10 * optimum) << rho;
    }
    for (int k = 0; k < 6000; ++k) run.round();
    EXPECT_LE(relative_distance(run.z(), vector_of(c.at("limit"))), 1e-8) << rho;
    EXPECT_NEAR(relative_gap(phi(problem, run), optimum), c.at("relative_gap").to_number<double>(),
                1e-9)
        << rho;
  }
}

TEST(LambdaMlAdmm, ConsensusReachesTheOptimumOfTheSameCase) {
  const json::object vectors = read_vectors();
  const Problem problem = load("heart", 4, "squared", "l2:1");
  for (const double rho : {0.1, 1.0, 10.0, 100.0}) {
    SyncRun run("admm", problem, exact(rho, "standard"));
    for (int k = 0; k < (rho < 1 ? 40000 : 3000); ++k) run.round();
    EXPECT_LE(relative_distance(run.z(), vector_of(vectors.at("optimum"))), 1e-8) << rho;
  }
}

TEST(LambdaMlAdmm, OfOneShardIsAdmm) {
  for (const char* regularizer : {"l2:1", "l1:3"}) {
    const Problem problem = load("heart", 1, "squared", regularizer);
    SyncRun lambdaml("admm", problem, exact(2, "lambdaml"));
    SyncRun standard("admm", problem, exact(2, "standard"));
    for (int k = 0; k < 40; ++k) {
      lambdaml.round();
      standard.round();
      ASSERT_LE(relative_distance(lambdaml.z(), standard.z()), 1e-12) << "round " << k;
    }
  }
}

}  // namespace
}  // namespace laggard
