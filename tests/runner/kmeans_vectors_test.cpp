// The worked numbers of k-means and of ADMM as LambdaML codes it, reproduced from the command line.
#include "tests/runner/program.hpp"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;

using Arguments = std::vector<std::string>;

json::object read_vectors(const std::string& name) {
  return json::parse(read_text(std::string(LAGGARD_TESTS_DIR) + "/vectors/" + name)).as_object();
}

double number(const json::value& value) { return value.to_number<double>(); }

class KMeansByCommand : public Program {
 protected:
  const std::string heart = std::string(LAGGARD_DATA_DIR) + "/heart.svm.gz";

  std::vector<double> column(const std::string& file, std::size_t place) const {
    std::stringstream lines(read_text(path("run/" + file)));
    std::vector<double> out;
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
      std::stringstream cells(line);
      std::string cell;
      for (std::size_t i = 0; i <= place; ++i) std::getline(cells, cell, ',');
      out.push_back(std::stod(cell));
    }
    return out;
  }

  // Row k of the vectors has J before update k + 1, and how far that moves the centres.
  void follow(const json::object& c, const Arguments& arguments) {
    const json::array& iterations = c.at("iterations").as_array();
    Arguments all = arguments;
    all.insert(all.end(),
               {"--sharding", "contiguous", "--clusters", "3", "--threshold", "0", "--method",
                "kmeans", "--output", path("run"), "--overwrite", "--quiet", "--max-rounds"});
    all.push_back("0");
    ASSERT_EQ(run(all), 3) << err();
    const json::object start = json::parse(read_text(path("run/run.json"))).as_object();
    std::vector<double> objective = {number(start.at("objective"))};
    all.back() = std::to_string(iterations.size());
    ASSERT_EQ(run(all), 3) << err();
    for (const double value : column("iterations.csv", 3)) objective.push_back(value);
    const std::vector<double> moved = column("iterations.csv", 5);
    ASSERT_EQ(moved.size(), iterations.size());
    for (std::size_t k = 0; k < iterations.size(); ++k) {
      const double expected = number(iterations[k].at("objective"));
      EXPECT_NEAR(objective[k], expected, 1e-11 * expected) << k;
      EXPECT_NEAR(moved[k], number(iterations[k].at("moved")), 1e-11) << k;
    }
    const double end = number(c.at("objective_end"));
    EXPECT_NEAR(objective.back(), end, 1e-11 * end);
    const std::vector<double> z = column("solution.csv", 1);
    std::size_t at = 0;
    for (const json::value& centre : c.at("centres").as_array())
      for (const json::value& entry : centre.as_array())
        EXPECT_NEAR(z.at(at++), number(entry), 1e-11);
    EXPECT_EQ(at, z.size());
  }

  std::string integers(const json::object& c) const {
    std::ofstream file(path("integers.svm"));
    for (const json::value& row : c.at("rows").as_array())
      file << fmt::format("1 1:{} 2:{}\n", number(row.at(0)), number(row.at(1)));
    return path("integers.svm");
  }
};

TEST_F(KMeansByCommand, FollowsTheWorkedNumbers) {
  const json::object vectors = read_vectors("kmeans.json");
  follow(vectors, {"--data", heart, "--workers", "4"});
  const json::object& exhibit = vectors.at("mean_of_means").as_object();
  follow(exhibit, {"--data", heart, "--workers", "4", "--reduce", "mean_of_means"});
  const json::object& small = vectors.at("integers").as_object();
  const std::string data = integers(small);
  for (const char* workers : {"1", "3", "13"})
    follow(small, {"--data", data, "--workers", workers});
  follow(small.at("mean_of_means_P3").as_object(),
         {"--data", data, "--workers", "3", "--reduce", "mean_of_means"});
}

TEST_F(KMeansByCommand, SaysWhatItMinimisesAndWhyItEnded) {
  ASSERT_EQ(run({"--data", heart, "--method", "kmeans", "--clusters", "3", "--workers", "4"}), 0);
  EXPECT_NE(out().find("squared distances of the samples to the nearest centre"),
            std::string::npos);
  EXPECT_NE(out().find("; the centres moved by 0 on average"), std::string::npos) << out();
  EXPECT_EQ(out().find("kkt"), std::string::npos);
  EXPECT_EQ(out().find("logistic"), std::string::npos);
  EXPECT_EQ(err(), "");
}

TEST_F(KMeansByCommand, NoticesTellWhatIsNotKMeans) {
  const Arguments base = {"--data",    heart, "--method",     "kmeans", "--clusters",  "3",
                          "--workers", "4",   "--max-rounds", "20",     "--threshold", "0"};
  Arguments minibatch = base;
  minibatch.insert(minibatch.end(), {"--protocol", "partial_barrier", "--missing", "discard"});
  ASSERT_EQ(run(minibatch), 3) << err();
  EXPECT_NE(err().find("is minibatch k-means"), std::string::npos) << err();
  Arguments exhibit = base;
  exhibit.insert(exhibit.end(), {"--reduce", "mean_of_means"});
  ASSERT_EQ(run(exhibit), 3);
  EXPECT_NE(err().find("plain mean of the shards' own centres"), std::string::npos) << err();
}

TEST_F(KMeansByCommand, MoreCentresThanDistinctRowsAreRefused) {
  const std::string data = integers(read_vectors("kmeans.json").at("integers").as_object());
  EXPECT_EQ(run({"--data", data, "--method", "kmeans", "--clusters", "14", "--workers", "2",
                 "--output", path("none")}),
            2);
  EXPECT_EQ(
      err(),
      "runner: --clusters: 14 is more than the 13 distinct rows of integers; expected at most "
      "13\n");
  EXPECT_FALSE(std::filesystem::exists(path("none")));
}

// A run's file repeats it, and holds nothing of phi; options of phi are left behind where the
// command line chooses the method.
TEST_F(KMeansByCommand, ItsConfigurationRepeatsTheRun) {
  ASSERT_EQ(run({"--data", heart, "--method", "kmeans", "--workers", "4", "--output", path("run"),
                 "--json", "--quiet"}),
            0);
  const json::value digest = result().at("iterate_digest");
  EXPECT_FALSE(result().at("configuration").as_object().contains("loss"));
  ASSERT_EQ(run({"--config", path("run/run.json"), "--json", "--quiet"}), 0) << err();
  EXPECT_EQ(result().at("iterate_digest"), digest);
  ASSERT_EQ(run({"--data", heart, "--workers", "4", "--loss", "squared", "--target-gap", "1e-3",
                 "--output", path("admm")}),
            0)
      << err();
  ASSERT_EQ(run({"--config", path("admm/run.json"), "--method", "kmeans", "--json", "--quiet"}), 0)
      << err();
  EXPECT_EQ(result().at("iterate_digest"), digest);
}

TEST_F(KMeansByCommand, LabelsNeedNotBeClasses) {
  ASSERT_EQ(run({"--data", std::string(LAGGARD_DATA_DIR) + "/communities.svm.gz", "--method",
                 "kmeans", "--workers", "4"}),
            0)
      << err();
}

TEST_F(KMeansByCommand, LambdaMlsAdmmFollowsTheWorkedNumbers) {
  const json::object vectors = read_vectors("lambdaml_admm.json");
  const double optimum = number(vectors.at("phi_optimal"));
  for (const json::value& value : vectors.at("runs").as_array()) {
    const json::object& c = value.as_object();
    const std::string rho = fmt::format("{}", number(c.at("rho")));
    const Arguments base = {"--data",        heart,
                            "--workers",     "4",
                            "--sharding",    "contiguous",
                            "--loss",        "squared",
                            "--regularizer", "l2:1",
                            "--stop",        "none",
                            "--rho",         rho,
                            "--solver",      "direct",
                            "--output",      path("run"),
                            "--overwrite",   "--quiet",
                            "--reference",   fmt::format("{}", optimum)};
    Arguments exhibit = base;
    exhibit.insert(exhibit.end(), {"--reading", "lambdaml", "--max-rounds", "6000"});
    ASSERT_EQ(run(exhibit), 3) << err();
    const std::vector<double> phi = column("iterations.csv", 3);
    const json::array& first = c.at("phi_first_updates").as_array();
    for (std::size_t k = 0; k < first.size(); ++k)
      EXPECT_NEAR(phi[k], number(first[k]), 1e-10 * optimum) << rho;
    EXPECT_NEAR(phi.back(), number(c.at("phi_limit")), 1e-8) << rho;
    const json::array& limit = c.at("limit").as_array();
    const std::vector<double> z = column("solution.csv", 1);
    for (std::size_t j = 0; j < limit.size(); ++j) EXPECT_NEAR(z[j], number(limit[j]), 1e-8) << rho;
    Arguments consensus = base;
    consensus.insert(consensus.end(),
                     {"--rho-policy", "fixed", "--max-rounds", rho == "0.1" ? "20000" : "3000"});
    ASSERT_EQ(run(consensus), 3) << err();
    EXPECT_NEAR(column("iterations.csv", 3).back(), optimum, 1e-8) << rho;
  }
}

}  // namespace
}  // namespace laggard
