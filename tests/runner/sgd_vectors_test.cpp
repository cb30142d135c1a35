// The worked numbers of sgd and local_sgd, reproduced from the command line; the validation loss.
#include "tests/runner/program.hpp"

#include <fmt/format.h>

#include <cmath>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;

using Arguments = std::vector<std::string>;

class SgdByCommand : public Program {
 protected:
  std::vector<double> last_numbers(const std::string& file, std::size_t column) const {
    std::stringstream lines(read_text(path("run/" + file)));
    std::vector<double> out;
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
      std::stringstream cells(line);
      std::string cell;
      for (std::size_t i = 0; i <= column; ++i) std::getline(cells, cell, ',');
      out.push_back(std::stod(cell));
    }
    return out;
  }
};

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string())
                           : fmt::format("{}", value.to_number<double>());
}

TEST_F(SgdByCommand, FollowsTheWorkedNumbers) {
  const json::object vectors =
      json::parse(read_text(std::string(LAGGARD_TESTS_DIR) + "/vectors/sgd.json")).as_object();
  for (const json::value& value : vectors.at("runs").as_array()) {
    const json::object& c = value.as_object();
    const bool averages_models = c.at("algorithm") == "ma";
    SCOPED_TRACE(json::serialize(c.at("algorithm")) + json::serialize(c.at("loss")));
    const double lambda = 270 * c.at("lam_over_N").to_number<double>();
    const std::string schedule = text_of(c.at("schedule"));
    Arguments arguments = {"--data",        std::string(LAGGARD_DATA_DIR) + "/heart.svm.gz",
                           "--sharding",    "contiguous",
                           "--stop",        "none",
                           "--quiet",       "--output",
                           path("run"),     "--overwrite",
                           "--workers",     text_of(c.at("P")),
                           "--method",      averages_models ? "local_sgd" : "sgd",
                           "--loss",        text_of(c.at("loss")),
                           "--regularizer", lambda > 0 ? fmt::format("l2:{}", lambda) : "none",
                           "--batch",       text_of(c.at("B")),
                           "--batch-seed",  text_of(c.at("seed")),
                           "--step-size",   text_of(c.at("eta0")),
                           "--step-decay",  schedule == "constant" ? "none" : schedule,
                           "--weights",     text_of(c.at("weights")),
                           "--max-rounds",  text_of(c.at("updates"))};
    if (c.contains("every"))
      arguments.insert(arguments.end(), {"--average-every", text_of(c.at("every"))});
    ASSERT_EQ(run(arguments), 3) << err();
    const std::vector<double> w = last_numbers("solution.csv", 1);
    const json::array& expected = c.at("w_last").as_array();
    ASSERT_EQ(w.size(), expected.size());
    for (std::size_t j = 0; j < w.size(); ++j)
      EXPECT_NEAR(w[j], expected[j].to_number<double>(), 1e-12);
    const std::vector<double> objective = last_numbers("iterations.csv", 3);
    const json::array& by_epoch = c.at("objective_by_epoch").as_array();
    const std::size_t each = objective.size() / (by_epoch.size() - 1);
    for (std::size_t e = 1; e < by_epoch.size(); ++e)
      EXPECT_NEAR(objective[e * each - 1] / 270, by_epoch[e].to_number<double>(), 1e-12);
  }
}

TEST_F(SgdByCommand, FollowsTheWorkedNumbersAsAParameterServer) {
  const json::value vectors =
      json::parse(read_text(std::string(LAGGARD_TESTS_DIR) + "/vectors/sgd.json"));
  const json::object& c = vectors.at("asynchronous").as_array().at(0).as_object();
  ASSERT_EQ(run({"--data",
                 std::string(LAGGARD_DATA_DIR) + "/heart.svm.gz",
                 "--sharding",
                 "contiguous",
                 "--stop",
                 "none",
                 "--quiet",
                 "--output",
                 path("run"),
                 "--workers",
                 "3",
                 "--method",
                 "sgd",
                 "--regularizer",
                 "none",
                 "--batch",
                 "16",
                 "--protocol",
                 "async",
                 "--min-arrivals",
                 "1",
                 "--tau",
                 "1000",
                 "--gradients",
                 "fresh",
                 "--straggler",
                 "fixed:1,1.3,0.7",
                 "--latency",
                 "0",
                 "--bandwidth",
                 "inf",
                 "--service-time",
                 "0",
                 "--cold-start",
                 "0",
                 "--max-rounds",
                 "30"}),
            3)
      << err();
  const std::vector<double> at = last_numbers("iterations.csv", 1);
  const std::vector<double> objective = last_numbers("iterations.csv", 3);
  const json::array& updates = c.at("updates").as_array();
  ASSERT_EQ(at.size(), updates.size());
  for (std::size_t k = 0; k < at.size(); ++k) {
    EXPECT_NEAR(at[k], updates[k].at("virtual_s").to_number<double>(), 1e-9);
    EXPECT_NEAR(objective[k] / 270, updates[k].at("objective").to_number<double>(), 1e-12);
  }
}

TEST_F(SgdByCommand, EndsAtTheTargetOfTheValidationLoss) {
  const Arguments base = {"--data",    "heart", "--method",     "sgd", "--regularizer", "l2:1",
                          "--workers", "4",     "--validation", "0.1", "--json",        "--quiet"};
  Arguments aimed = base;
  aimed.insert(aimed.end(), {"--target-loss", "0.5"});
  ASSERT_EQ(run(aimed), 0) << err();
  EXPECT_EQ(result().at("stop_reason").as_string(), "target_loss");
  EXPECT_EQ(result().at("data").at("samples").as_int64(), 243);
  EXPECT_LE(result().at("validation_loss").to_number<double>(), 0.5);
  const auto rounds = result().at("rounds").as_int64();
  Arguments shorter = base;
  shorter.insert(shorter.end(), {"--stop", "none", "--max-rounds", std::to_string(rounds - 1)});
  ASSERT_EQ(run(shorter), 3) << err();
  EXPECT_GT(result().at("validation_loss").to_number<double>(), 0.5) << "an update earlier";
}

TEST_F(SgdByCommand, RefusesABatchThatNoShardFills) {
  EXPECT_EQ(run({"--data", "heart", "--workers", "4", "--method", "sgd", "--batch", "69"}), 2);
  EXPECT_EQ(err(),
            "runner: --batch: 69 is more than the 68 rows of a shard; expected at most 68\n");
  EXPECT_EQ(run({"--data", "heart", "--workers", "4", "--validation", "0.001"}), 2);
  EXPECT_EQ(err(),
            "runner: --validation: 0.001 of the 270 rows of heart is less than one; expected "
            "more\n");
}

}  // namespace
}  // namespace laggard
