// The worked examples in tests/vectors, made by an independent event simulation, update by update.
#include "tests/support/testbed.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <boost/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace laggard::testing {
namespace {

namespace json = boost::json;

json::object read_vector(const std::string& name) {
  std::ifstream file(std::string(LAGGARD_TESTS_DIR) + "/vectors/" + name + ".json");
  std::stringstream text;
  text << file.rdbuf();
  return json::parse(text.str()).as_object();
}

double number(const json::object& object, std::string_view key, double otherwise) {
  const json::value* value = object.if_contains(key);
  return value ? value->to_number<double>() : otherwise;
}

Testbed testbed_of(const json::object& c) {
  const std::string loss(c.at("loss").as_string());
  const std::string regularizer = c.contains("lam1") ? fmt::format("l1:{}", number(c, "lam1", 0))
                                                     : fmt::format("l2:{}", number(c, "lam2", 0));
  Testbed bed;
  bed.problem = load(std::string(c.at("data").as_string()), c.at("P").to_number<int>(), loss,
                     regularizer, c.at("d").to_number<int>());
  bed.workers = c.at("W").to_number<int>();
  std::vector<double> times;
  for (const json::value& t : c.at("times").as_array()) times.push_back(t.to_number<double>());
  bed.straggler = fmt::format("fixed:{}", fmt::join(times, ","));
  bed.method_options = {{"newton-steps", std::int64_t{100}},
                        {"eps-g", 1e-12},
                        {"rho", number(c, "rho", 1.0)},
                        {"relaxation", number(c, "relaxation", 1.0)},
                        {"gamma", number(c, "gamma", 0)}};
  bed.method_options["rho-policy"] = c.contains("policy") ? "residual_balancing" : "fixed";
  bed.session.stopping.rule = StopRule::none;
  bed.session.max_rounds = c.at("K").to_number<int>();
  OptionValues& options = bed.session.protocol_options;
  for (const auto& [key, option] :
       {std::pair{"tau", "tau"}, {"A", "min-arrivals"}, {"drop", "drop"}})
    if (c.contains(key)) options[option] = c.at(key).to_number<std::int64_t>();
  for (const char* key : {"missing", "superseded"})
    if (c.contains(key)) options[key] = std::string(c.at(key).as_string());
  return bed;
}

class Vectors : public ::testing::TestWithParam<std::string> {};

TEST_P(Vectors, HoldUpdateByUpdate) {
  const json::object vector = read_vector(GetParam());
  const json::object& c = vector.at("case").as_object();
  const Testbed bed = testbed_of(c);
  const auto outcome = bed.run(std::string(c.at("protocol").as_string()));
  const json::array& updates = vector.at("updates").as_array();
  ASSERT_EQ(outcome.rounds.size(), updates.size());
  for (std::size_t k = 0; k < updates.size(); ++k) {
    SCOPED_TRACE(fmt::format("{} update {}", GetParam(), k + 1));
    const json::object& expected = updates[k].as_object();
    const RoundRow& row = outcome.rounds[k];
    std::vector<ShardId> fresh;
    for (const json::value& p : expected.at("fresh").as_array())
      fresh.push_back(p.to_number<int>());
    EXPECT_EQ(row.fresh, fresh);
    EXPECT_EQ(row.age_max, expected.at("age_max").to_number<int>());
    EXPECT_EQ(row.rho, number(expected, "rho", 0));
    EXPECT_NEAR(to_seconds(row.at), number(expected, "virtual_s", 0), 1e-9);
    const double objective = number(expected, "objective", 0);
    EXPECT_NEAR(row.objective, objective, 1e-9 * objective);
    const double primal = number(expected, "primal", 0), dual = number(expected, "dual", 0);
    EXPECT_NEAR(row.primal, primal, 1e-6 * primal + 1e-11);
    EXPECT_NEAR(row.dual, dual, 1e-6 * dual + 1e-11);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Vectors,
                         ::testing::Values("sync_fixed_rho", "sync_relaxed_ridge",
                                           "sync_residual_balancing", "async_residual_balancing",
                                           "async_tau1_is_sync", "async_tau4_a1",
                                           "async_tau8_a3_gamma", "async_ties", "partial_discard",
                                           "partial_late_merge", "partial_reuse_finish",
                                           "partial_reuse_preempt", "coded_fractional_s1",
                                           "coded_fractional_s1_finish"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace laggard::testing
