// The worked numbers of sgd and local_sgd, reproduced from the command line; the validation loss.
#include "tests/runner/program.hpp"
#include "tests/support/gunzip.hpp"

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
  // Of the reports taken, in this order.
  std::vector<std::string> shards_taken() const {
    std::stringstream lines(gunzip(path("run/workers.csv.gz")));
    std::vector<std::string> out;
    for (std::string line; std::getline(lines, line);)
      if (line.ends_with(",accepted")) {
        const std::size_t begin = line.find(',', line.find(',') + 1) + 1;
        out.push_back(line.substr(begin, line.find(',', begin) - begin));
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

Arguments on_heart(const std::string& directory, const Arguments& more) {
  Arguments all = {"--data",        std::string(LAGGARD_DATA_DIR) + "/heart.svm.gz",
                   "--sharding",    "contiguous",
                   "--stop",        "none",
                   "--quiet",       "--output",
                   directory,       "--overwrite",
                   "--regularizer", "none"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

// Times are given, and nothing else takes any.
const Arguments kExactTimes = {"--latency",      "0", "--bandwidth",  "inf",
                               "--service-time", "0", "--cold-start", "0"};

// A parameter server, and LambdaML's S-ASP.
TEST_F(SgdByCommand, FollowsTheWorkedNumbersWithoutABarrier) {
  const json::value vectors =
      json::parse(read_text(std::string(LAGGARD_TESTS_DIR) + "/vectors/sgd.json"));
  for (const json::value& value : vectors.at("asynchronous").as_array()) {
    const json::object& c = value.as_object();
    const bool overwrites = c.at("rule") == "overwrite";
    SCOPED_TRACE(json::serialize(c.at("rule")) + json::serialize(c.at("schedule")));
    Arguments more = overwrites
                         ? Arguments{"--method", "local_sgd"}
                         : Arguments{"--method", "sgd", "--tau", "none", "--gradients", "fresh"};
    std::string times = "fixed:";
    for (const json::value& time : c.at("times").as_array())
      times += (times.back() == ':' ? "" : ",") + text_of(time);
    for (const std::string& argument :
         {std::string("--protocol"), std::string("async"), std::string("--workers"),
          text_of(c.at("P")), std::string("--batch"), text_of(c.at("B")),
          std::string("--step-decay"), std::string(c.at("schedule") == "sqrt" ? "sqrt" : "none"),
          std::string("--straggler"), times, std::string("--max-rounds"), std::string("30"),
          std::string("--json")})
      more.push_back(argument);
    more.insert(more.end(), kExactTimes.begin(), kExactTimes.end());
    ASSERT_EQ(run(on_heart(path("run"), more)), 3) << err();
    const json::array& updates = c.at("updates").as_array();
    const std::vector<double> at = last_numbers("iterations.csv", 1);
    const std::vector<double> objective = last_numbers("iterations.csv", 3);
    const std::vector<double> staleness = last_numbers("iterations.csv", 10);
    const std::vector<std::string> shards = shards_taken();
    ASSERT_EQ(at.size(), updates.size());
    ASSERT_EQ(shards.size(), updates.size());
    std::int64_t lost = 0;
    for (std::size_t k = 0; k < at.size(); ++k) {
      EXPECT_NEAR(at[k], updates[k].at("virtual_s").to_number<double>(), 1e-10);
      EXPECT_EQ(shards[k], text_of(updates[k].at("shard")));
      EXPECT_EQ(staleness[k], updates[k].at("staleness").to_number<double>());
      EXPECT_NEAR(objective[k] / 270, updates[k].at("objective").to_number<double>(), 1e-12);
      lost += updates[k].at("staleness").to_number<std::int64_t>() - 1;
    }
    const std::vector<double> z = last_numbers("solution.csv", 1);
    for (std::size_t j = 0; j < z.size(); ++j)
      EXPECT_NEAR(z[j], c.at("z_last").at(j).to_number<double>(), 1e-12);
    const json::value writes_lost = result().at("writes_lost");
    EXPECT_EQ(writes_lost, overwrites ? json::value(lost) : json::value(nullptr));
  }
}

TEST_F(SgdByCommand, FollowsTheWorkedNumbersOfTheExhibitSwap) {
  const json::value vectors =
      json::parse(read_text(std::string(LAGGARD_TESTS_DIR) + "/vectors/sgd.json"));
  const json::object& c = vectors.at("swap_one_worker").as_object();
  ASSERT_EQ(run(on_heart(path("run"),
                         {"--method", "local_sgd", "--protocol", "async", "--order", "swap",
                          "--workers", "1", "--batch", text_of(c.at("B")), "--max-rounds", "10"})),
            3)
      << err();
  const std::vector<double> objective = last_numbers("iterations.csv", 3);
  for (std::size_t k = 0; k < 10; ++k)
    EXPECT_NEAR(objective[k] / 270, c.at("objective_of_each_step").at(k).to_number<double>(),
                1e-12);
  const std::vector<double> z = last_numbers("solution.csv", 1);
  for (std::size_t j = 0; j < z.size(); ++j)
    EXPECT_NEAR(z[j], c.at("slot_last").at(j).to_number<double>(), 1e-12);
}

// One worker has nobody to differ from.
TEST_F(SgdByCommand, WithOneWorkerAllProtocolsAreOne) {
  const Arguments base = {"--workers", "1", "--batch", "16", "--max-rounds", "40", "--json"};
  const Arguments kinds[] = {
      {"--method", "sgd"},
      {"--method", "sgd", "--protocol", "async", "--tau", "none", "--gradients", "fresh"},
      {"--method", "local_sgd", "--average-every", "1"},
      {"--method", "local_sgd", "--protocol", "async"},
      {"--method", "local_sgd", "--protocol", "async", "--fleet", "threads"},
      {"--method", "local_sgd", "--protocol", "async", "--fleet", "local", "--faults",
       "kill_every_seconds=0.05"}};
  std::vector<json::value> digests;
  for (const Arguments& kind : kinds) {
    Arguments more = base;
    more.insert(more.end(), kind.begin(), kind.end());
    ASSERT_EQ(run(on_heart(path("run"), more)), 3) << err();
    digests.push_back(result().at("iterate_digest"));
    EXPECT_EQ(digests.back(), digests.front()) << kind[1] << kind.back();
  }
}

TEST_F(SgdByCommand, RefusesWhatASlotCannotDo) {
  const Arguments siren = {"--data",   "heart",     "--workers",     "4",
                           "--method", "local_sgd", "--regularizer", "none"};
  const auto error_of = [&](const Arguments& more) {
    Arguments all = siren;
    all.insert(all.end(), more.begin(), more.end());
    EXPECT_EQ(run(all), 2);
    return err();
  };
  EXPECT_EQ(error_of({"--protocol", "async", "--min-arrivals", "2"}),
            "runner: --min-arrivals: 2 cannot go with --method local_sgd, of which each report is "
            "an update by itself; expected 1\n");
  EXPECT_EQ(error_of({"--protocol", "async", "--tau", "4"}),
            "runner: --tau: 4 cannot go with --method local_sgd, of which each report is an update "
            "by itself; expected none\n");
  EXPECT_EQ(error_of({"--protocol", "async", "--order", "average"}),
            "runner: --order: average cannot go with protocol async; expected overwrite or swap\n");
  EXPECT_EQ(error_of({"--order", "swap"}),
            "runner: --order: swap can only go with protocol async; expected average, or "
            "--protocol async\n");
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
  EXPECT_EQ(run({"--data", "heart", "--workers", "4", "--method", "sgd", "--global-batch", "273"}),
            2);
  EXPECT_EQ(err(),
            "runner: --global-batch: 273 takes 69 rows of each shard, which has 68; expected at "
            "most 272\n");
  EXPECT_EQ(run({"--data", "heart", "--workers", "4", "--validation", "0.001"}), 2);
  EXPECT_EQ(err(),
            "runner: --validation: 0.001 of the 270 rows of heart is less than one; expected "
            "more\n");
}

}  // namespace
}  // namespace laggard
