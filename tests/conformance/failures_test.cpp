// How often a round is hit by a failure, and how long it takes then.              [math 10.4]
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

namespace laggard::testing {
namespace {

namespace json = boost::json;

json::object vectors() {
  std::ifstream file(LAGGARD_TESTS_DIR "/vectors/note_failures.json");
  std::stringstream text;
  text << file.rdbuf();
  return json::parse(text.str()).as_object();
}

struct Sample {
  double sum = 0, squares = 0;
  int count = 0;

  void add(double value) {
    sum += value;
    squares += value * value;
    ++count;
  }
  double mean() const { return sum / count; }
  double standard_error() const {
    return std::sqrt((squares / count - mean() * mean()) / (count - 1));
  }
};

// The length of a round in tasks is the most attempts that one of its shards took.
TEST(Failures, HitRoundsAsOftenAsIndependentLossesDo) {
  const json::object all = vectors();
  for (const json::value& row : all.at("rows").as_array()) {
    const double p = row.at("p").to_number<double>();
    const int workers = row.at("W").to_number<int>();
    SCOPED_TRACE(json::serialize(row));
    Testbed bed;
    bed.problem = load("heart", workers, "logistic", "l2:1");
    bed.workers = workers;
    bed.method = "gd";
    bed.straggler = "fixed:1+crash:p=" + json::serialize(row.at("p"));
    bed.session.stopping.rule = StopRule::none;
    bed.session.max_rounds = workers <= 64 ? 4000 : 1000;
    const auto outcome = bed.run("sync");
    std::map<int, std::map<ShardId, int>> attempts;  // by round and shard
    for (const TaskRow& task : outcome.tasks) ++attempts[task.round][task.shard];
    ASSERT_EQ(attempts.size(), static_cast<std::size_t>(*bed.session.max_rounds));
    Sample hit, length;
    for (const auto& [round, of_shards] : attempts) {
      int most = 0;
      for (const auto& [shard, count] : of_shards) most = std::max(most, count);
      hit.add(most > 1);
      length.add(most);
    }
    const double expected = row.at("hit").to_number<double>();
    EXPECT_NEAR(expected, 1 - std::pow(1 - p, workers), 1e-12);
    EXPECT_NEAR(hit.mean(), expected, 3 * std::sqrt(expected * (1 - expected) / hit.count));
    EXPECT_NEAR(length.mean(), row.at("expected_factor_repeated").to_number<double>(),
                3 * length.standard_error());
  }
}

}  // namespace
}  // namespace laggard::testing
