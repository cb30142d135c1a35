// Batches, sgd and local_sgd against worked numbers and against each other.
#include "core/method/batches.hpp"
#include "core/problem/sharding.hpp"
#include "core/task/random.hpp"
#include "tests/method/dense_problem.hpp"
#include "tests/method/sync_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <algorithm>
#include <fstream>
#include <numeric>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;
using testing::load;
using testing::relative_distance;
using testing::SyncRun;

json::object read_vectors(const std::string& name) {
  std::ifstream file(LAGGARD_TESTS_DIR "/vectors/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return json::parse(text.str()).as_object();
}

template <class Number>
std::vector<Number> numbers_of(const json::value& list) {
  std::vector<Number> out;
  for (const json::value& number : list.as_array()) out.push_back(number.to_number<Number>());
  return out;
}

double real_of(const json::object& object, std::string_view key) {
  return object.at(key).to_number<double>();
}

std::string regularizer_of(double lam_over_n) {
  return lam_over_n == 0 ? "none" : fmt::format("l2:{}", 270 * lam_over_n);
}

TEST(Batches, OrdersAreThoseOfTheVectors) {
  const json::object all = read_vectors("sgd.json");
  for (const json::value& value : all.at("philox").as_array()) {
    const json::object& c = value.as_object();
    const auto words =
        philox(c.at("seed").to_number<std::uint64_t>(), Stream::batch_order,
               c.at("a").to_number<std::uint64_t>(), c.at("b").to_number<std::uint32_t>());
    EXPECT_EQ(std::vector<std::uint32_t>(words.begin(), words.end()),
              numbers_of<std::uint32_t>(c.at("words")));
  }
  for (const json::value& value : all.at("orders").as_array()) {
    const json::object& c = value.as_object();
    const auto counter =
        (c.at("epoch").to_number<std::uint64_t>() << 32) + c.at("shard").to_number<std::uint64_t>();
    EXPECT_EQ(permutation(c.at("rows").to_number<std::uint32_t>(),
                          Draws(1, Stream::batch_order, counter)),
              numbers_of<std::uint32_t>(c.at("order")));
  }
}

TEST(Batches, HoldEveryRowOnceAnEpochAndRiseWithinABatch) {
  const json::object all = read_vectors("sgd.json");
  const Problem problem = load("heart", 4, "logistic", "none");
  const Batches batches(problem, {.rows = 16, .seed = 1});
  const std::int64_t an_epoch = all.at("batches_per_epoch").to_number<std::int64_t>();
  EXPECT_EQ(batches_an_epoch(270, 4, 16), an_epoch);
  for (ShardId p = 0; p < 4; ++p) {
    const Batch first = batches.of(p, 0, 0);
    EXPECT_EQ(
        std::vector(first.rows.begin(), first.rows.end()),
        numbers_of<std::uint32_t>(all.at("first_batches").as_array()[static_cast<std::size_t>(p)]));
    for (const std::int64_t epoch : {0, 5, 1, 0}) {
      std::vector<std::uint32_t> seen;
      std::int64_t nonzeros = 0;
      for (std::int64_t b = 0; b < an_epoch; ++b) {
        const Batch batch = batches.of(p, epoch, b);
        EXPECT_TRUE(std::is_sorted(batch.rows.begin(), batch.rows.end()));
        EXPECT_FALSE(batch.whole);
        seen.insert(seen.end(), batch.rows.begin(), batch.rows.end());
        nonzeros += batches.nonzeros(p, epoch, b);
      }
      std::sort(seen.begin(), seen.end());
      std::vector<std::uint32_t> rows(static_cast<std::size_t>(problem.shard(p).count()));
      std::iota(rows.begin(), rows.end(), 0u);
      EXPECT_EQ(seen, rows);
      EXPECT_EQ(nonzeros, problem.shard(p).nonzeros());
    }
  }
}

TEST(Batches, OfAShardWithFewerOnesAreEmptyAtTheEnd) {
  const Problem problem = load("heart", 4, "logistic", "none");  // 67, 68, 67 and 68 rows
  const Batches batches(problem, {.rows = 67, .seed = 1});
  EXPECT_EQ(batches_an_epoch(270, 4, 67), 2);
  EXPECT_TRUE(batches.of(0, 3, 0).whole);
  EXPECT_EQ(batches.of(0, 3, 1).count, 0);
  EXPECT_EQ(batches.nonzeros(0, 3, 1), 0);
  EXPECT_EQ(batches.of(1, 3, 0).count, 67);
  EXPECT_EQ(batches.of(1, 3, 1).count, 1);
}

TEST(Sgd, FollowsTheWorkedNumbers) {
  const json::object vectors = read_vectors("sgd.json");
  for (const json::value& value : vectors.at("runs").as_array()) {
    const json::object& c = value.as_object();
    SCOPED_TRACE(json::serialize(c.at("algorithm")) + json::serialize(c.at("loss")) +
                 json::serialize(c.at("weights")) + json::serialize(c.at("schedule")));
    const Problem problem =
        load("heart", c.at("P").to_number<int>(), std::string(c.at("loss").as_string()),
             regularizer_of(real_of(c, "lam_over_N")));
    OptionValues options = {
        {"batch", c.at("B").to_number<std::int64_t>()},
        {"step-size", real_of(c, "eta0")},
        {"weights", std::string(c.at("weights").as_string())},
        {"step-decay", std::string(c.at("schedule") == "sqrt" ? "sqrt" : "none")}};
    if (c.contains("every")) options["average-every"] = c.at("every").to_number<std::int64_t>();
    SyncRun run(c.at("algorithm") == "ga" ? "sgd" : "local_sgd", problem, options);
    const auto updates = c.at("updates").to_number<std::size_t>();
    const std::vector<double> objectives = numbers_of<double>(c.at("objective_by_epoch"));
    const std::size_t each = updates / (objectives.size() - 1);
    const auto expect_at = [&](std::string_view key) {
      const std::vector<double> w = numbers_of<double>(c.at(key));
      for (std::size_t j = 0; j < w.size(); ++j)
        EXPECT_NEAR(run.z()[static_cast<Eigen::Index>(j)], w[j], 1e-12) << key;
    };
    for (std::size_t k = 1; k <= updates; ++k) {
      run.round();
      if (k == 1) expect_at("w_first");
      if (k % each == 0) {
        EXPECT_NEAR(objective(problem, view(run.z())) / 270, objectives[k / each], 1e-12) << k;
      }
    }
    expect_at("w_last");
  }
}

void expect_same_bits(SyncRun a, SyncRun b, int rounds) {
  for (int k = 0; k < rounds; ++k) {
    a.round();
    b.round();
    ASSERT_EQ(a.z(), b.z()) << k;
  }
}

TEST(Sgd, WithWholeShardsIsGradientDescentBitForBit) {
  for (const char* regularizer : {"none", "l2:2.7"}) {
    const Problem problem = load("heart", 4, "logistic", regularizer);
    expect_same_bits(SyncRun("sgd", problem, {{"batch", std::int64_t{68}}, {"step-size", 0.3}}),
                     SyncRun("gd", problem, {{"step-size", 0.3}}), 40);
  }
}

// One worker has nobody to average with: however many batches it takes at a time.
TEST(LocalSgd, OfOneShardIsSgdBitForBit) {
  for (const char* regularizer : {"none", "l2:2.7"}) {
    const Problem problem = load("heart", 1, "hinge", regularizer);
    const OptionValues options = {{"batch", std::int64_t{50}}, {"step-decay", std::string("sqrt")}};
    for (const std::int64_t every : {1, 4, 6, 100}) {
      OptionValues local = options;
      local["average-every"] = every;
      SyncRun ga("sgd", problem, options), ma("local_sgd", problem, local);
      const std::int64_t batches = 6, stretch = std::min(every, batches);
      for (int k = 0; k < 12; ++k) {
        ma.round();
        const std::int64_t stretches = (batches + stretch - 1) / stretch;
        const std::int64_t count = std::min(stretch, batches - k % stretches * stretch);
        for (std::int64_t b = 0; b < count; ++b) ga.round();
        ASSERT_EQ(ma.z(), ga.z()) << every << " update " << k;
      }
    }
  }
}

TEST(LocalSgd, AveragedAfterEachBatchIsSgdOfPlainWeights) {
  const Problem problem = load("heart", 4, "logistic", "l2:2.7");
  const OptionValues plain = {{"batch", std::int64_t{16}}, {"weights", std::string("plain")}};
  OptionValues local = plain;
  local["average-every"] = std::int64_t{1};
  SyncRun ga("sgd", problem, plain), ma("local_sgd", problem, local);
  for (int k = 0; k < 40; ++k) {
    ga.round();
    ma.round();
    ASSERT_LE(relative_distance(ma.z(), ga.z()), 1e-12) << k;
  }
}

// With whole shards a step is one of proximal gradient descent, whose fixed point is the optimum.
TEST(Sgd, WithAKinkInTheRegulariserTakesAProximalStep) {
  const Problem problem = load("heart", 4, "logistic", "l1:1");
  SyncRun run("sgd", problem, {{"batch", std::int64_t{68}}, {"step-size", 1.0}});
  for (int k = 0; k < 6000; ++k) run.round();
  EXPECT_LE(kkt_residual(problem, view(run.z())), 1e-9);
}

// Who is there stands for all: one shard of two, so its gradient counts twice.
TEST(Sgd, AnAbsentShardCountsNothing) {
  for (const char* weights : {"size", "plain"}) {
    const Problem problem = load("heart", 2, "logistic", "l2:2.7");
    SyncRun run(
        "sgd", problem,
        {{"batch", std::int64_t{135}}, {"step-size", 0.3}, {"weights", std::string(weights)}});
    CoordinatorHalf& method = *run.halves.coordinator;
    static const std::atomic<bool> never{false};
    Task task;
    task.shard = 1;
    method.form(task);
    const Contribution only = run.halves.worker->compute(task, run.scratch, never);
    const Vector gradient = only.vectors.at(0) * (std::string(weights) == "size" ? 1 : 135);
    method.accept(task, only);
    method.update(Absent::left_out);
    EXPECT_LE(relative_distance(run.z(), -0.3 * (2 * gradient) / 270), 1e-14) << weights;
  }
}

TEST(HoldOut, TakesTheRowsOfTheVectorsAndKeepsTheOrderOfBothParts) {
  const json::object all = read_vectors("pipeline.json");
  const json::object& c = all.at("validation").as_object();
  const Problem problem = load("heart", 1, "logistic", "none");
  Dataset training = *problem.data;
  const Dataset validation =
      hold_out(training, real_of(c, "ratio"), c.at("seed").to_number<std::uint64_t>());
  const std::vector<std::int64_t> rows = numbers_of<std::int64_t>(c.at("rows"));
  ASSERT_EQ(validation.samples(), std::int64_t(rows.size()));
  ASSERT_EQ(training.samples(), 270 - std::int64_t(rows.size()));
  EXPECT_NE(training.identity, problem.data->identity);
  const auto row_of = [](const Dataset& data, std::int64_t n) {
    std::vector<double> out = {data.label[n]};
    for (std::int64_t i = data.a.row_start[n]; i < data.a.row_start[n + 1]; ++i) {
      out.push_back(data.a.column[i]);
      out.push_back(data.a.value[i]);
    }
    return out;
  };
  std::int64_t held = 0, kept = 0;
  for (std::int64_t n = 0; n < 270; ++n) {
    const bool out = std::find(rows.begin(), rows.end(), n) != rows.end();
    EXPECT_EQ(row_of(*problem.data, n),
              out ? row_of(validation, held++) : row_of(training, kept++));
  }
}

}  // namespace
}  // namespace laggard
