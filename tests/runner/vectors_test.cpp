// The worked examples in tests/vectors, reproduced from the command line.
#include "tests/runner/program.hpp"
#include "tests/support/gunzip.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json/object.hpp>

#include <map>
#include <set>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;

// Rows of a CSV file, each by column name.
std::vector<std::map<std::string, std::string>> read_csv(const std::string& text) {
  std::stringstream lines(text);
  std::vector<std::string> names;
  std::vector<std::map<std::string, std::string>> rows;
  for (std::string line; std::getline(lines, line);) {
    std::stringstream cells(line + ",");
    std::vector<std::string> row;
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
    if (names.empty()) {
      names = row;
      continue;
    }
    auto& out = rows.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i) out[names[i]] = row.at(i);
  }
  return rows;
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string())
                           : fmt::format("{}", value.to_number<double>());
}

// The options that a case asks for, beside those that make virtual time what the task times say.
std::vector<std::string> arguments_of(const json::object& c) {
  std::vector<std::string> out = {
      "--latency",    "0",     "--bandwidth", "inf",        "--service-time", "0",
      "--cold-start", "0",     "--stop",      "none",       "--newton-steps", "100",
      "--eps-g",      "1e-12", "--sharding",  "contiguous", "--rho-policy"};
  out.push_back(c.contains("policy") ? "residual_balancing" : "fixed");
  const std::map<std::string, std::string> options = {
      {"protocol", "protocol"}, {"loss", "loss"},
      {"P", "shards"},          {"W", "workers"},
      {"d", "features"},        {"K", "max-rounds"},
      {"rho", "rho"},           {"relaxation", "relaxation"},
      {"tau", "tau"},           {"A", "min-arrivals"},
      {"gamma", "gamma"},       {"drop", "drop"},
      {"missing", "missing"},   {"superseded", "superseded"}};
  for (const auto& [key, value] : c)
    if (const auto option = options.find(key); option != options.end()) {
      out.push_back("--" + option->second);
      out.push_back(text_of(value));
    }
  out.push_back("--regularizer");
  out.push_back(c.contains("lam1") ? "l1:" + text_of(c.at("lam1")) : "l2:" + text_of(c.at("lam2")));
  out.push_back("--data");
  out.push_back(fmt::format("{}/{}.svm.gz", LAGGARD_DATA_DIR, text_of(c.at("data"))));
  std::vector<std::string> times;
  for (const json::value& t : c.at("times").as_array()) times.push_back(text_of(t));
  out.push_back("--straggler");
  out.push_back(fmt::format("fixed:{}", fmt::join(times, ",")));
  return out;
}

class VectorsByCommand : public Program, public ::testing::WithParamInterface<std::string> {};

TEST_P(VectorsByCommand, HoldUpdateByUpdate) {
  const json::object vector =
      json::parse(read_text(fmt::format("{}/vectors/{}.json", LAGGARD_TESTS_DIR, GetParam())))
          .as_object();
  std::vector<std::string> arguments = arguments_of(vector.at("case").as_object());
  arguments.insert(arguments.end(), {"--quiet", "--output", path("run")});
  ASSERT_EQ(run(arguments), 3) << err();
  const auto rounds = read_csv(read_text(path("run/iterations.csv")));
  std::map<int, std::set<int>> fresh;
  for (const auto& task : read_csv(gunzip(path("run/workers.csv.gz"))))
    if (task.at("outcome") == "accepted")
      fresh[std::stoi(task.at("round"))].insert(std::stoi(task.at("shard")));
  const json::array& updates = vector.at("updates").as_array();
  ASSERT_EQ(rounds.size(), updates.size());
  for (std::size_t k = 0; k < updates.size(); ++k) {
    SCOPED_TRACE(fmt::format("{} update {}", GetParam(), k + 1));
    const json::object& expected = updates[k].as_object();
    std::set<int> shards;
    for (const json::value& p : expected.at("fresh").as_array()) shards.insert(p.to_number<int>());
    EXPECT_EQ(fresh[static_cast<int>(k) + 1], shards);
    EXPECT_EQ(std::stoi(rounds[k].at("age_max")), expected.at("age_max").to_number<int>());
    EXPECT_NEAR(std::stod(rounds[k].at("virtual_s")), expected.at("virtual_s").to_number<double>(),
                1e-9);
    EXPECT_EQ(std::stod(rounds[k].at("rho")), expected.at("rho").to_number<double>());
    const double objective = expected.at("objective").to_number<double>();
    EXPECT_NEAR(std::stod(rounds[k].at("objective")), objective, 1e-9 * objective);
  }
}

INSTANTIATE_TEST_SUITE_P(All, VectorsByCommand,
                         ::testing::Values("sync_fixed_rho", "sync_relaxed_ridge",
                                           "sync_residual_balancing", "async_residual_balancing",
                                           "async_tau1_is_sync", "async_tau4_a1",
                                           "async_tau8_a3_gamma", "async_ties", "partial_discard",
                                           "partial_late_merge", "partial_reuse_finish",
                                           "partial_reuse_preempt", "coded_fractional_s1",
                                           "coded_fractional_s1_finish"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace laggard
