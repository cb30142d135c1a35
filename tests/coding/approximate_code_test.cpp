// Approximate codes against worked numbers, and against what is proved of them.       [math 13.1]
#include "core/coding/approximate_code.hpp"

#include "core/io/error.hpp"
#include "core/task/random.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <Eigen/SVD>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;

using Graph = std::vector<std::vector<ShardId>>;

const json::object& vectors() {
  static const json::object all = [] {
    std::ifstream file(LAGGARD_TESTS_DIR "/vectors/codes.json");
    std::stringstream text;
    text << file.rdbuf();
    return json::parse(text.str()).as_object();
  }();
  return all;
}

const std::map<std::string, CodeGraph> kGraphs = {{"fractional", CodeGraph::fractional},
                                                  {"cyclic", CodeGraph::cyclic},
                                                  {"regular", CodeGraph::regular}};
const std::map<std::string, CodeDecoder> kDecoders = {{"fixed", CodeDecoder::fixed},
                                                      {"optimal", CodeDecoder::optimal},
                                                      {"centred", CodeDecoder::centred}};

std::vector<bool> all_but(int workers, const std::vector<int>& missing) {
  std::vector<bool> arrived(static_cast<std::size_t>(workers), true);
  for (const int j : missing) arrived[static_cast<std::size_t>(j)] = false;
  return arrived;
}

// The first `count` of the workers in a random order.
std::vector<int> some_workers(int workers, int count, std::uint64_t draw) {
  const auto order =
      permutation(static_cast<std::uint32_t>(workers), Draws(7, Stream::retry, draw));
  return {order.begin(), order.begin() + count};
}

Eigen::MatrixXd matrix_of(const Graph& graph) {
  const auto n = static_cast<Eigen::Index>(graph.size());
  Eigen::MatrixXd a = Eigen::MatrixXd::Zero(n, n);
  for (Eigen::Index j = 0; j < n; ++j)
    for (const ShardId shard : graph[static_cast<std::size_t>(j)]) a(j, shard) += 1;
  return a;
}

TEST(ApproximateCode, FollowsTheWorkedNumbers) {
  Graph supports = code_graph(CodeGraph::regular, 12, 3, 1);
  for (auto& row : supports) std::ranges::sort(row);
  EXPECT_EQ(supports, json::value_to<Graph>(vectors().at("regular_supports")));
  for (const json::value& row : vectors().at("rows").as_array()) {
    const auto missing = json::value_to<std::vector<int>>(row.at("missing"));
    const std::string name(row.at("graph").as_string());
    const std::vector<bool> arrived = all_but(12, missing);
    for (const auto& [decoder_name, decoder] : kDecoders) {
      SCOPED_TRACE(name + " " + json::serialize(row.at("missing")) + " " + decoder_name);
      const json::object& expected = row.at(decoder_name).as_object();
      ApproximateCode code(code_graph(kGraphs.at(name), 12, 3, 1), decoder);
      const Decoding& found = code.decode(arrived);
      EXPECT_NEAR(found.rms_error, expected.at("rms_error").to_number<double>(), 1e-10);
      EXPECT_NEAR(found.error, expected.at("max_error").to_number<double>(), 1e-10);
      if (decoder != CodeDecoder::optimal) {
        EXPECT_NEAR(found.mean_weight, 1, 1e-12);
        continue;
      }
      EXPECT_LE(found.mean_weight, 1 + 1e-12);
      const auto weights = json::value_to<std::vector<double>>(expected.at("weights"));
      ASSERT_EQ(found.weights.size(), weights.size());
      for (std::size_t i = 0; i < weights.size(); ++i)
        EXPECT_NEAR(found.weights[i], weights[i], 1e-10);
    }
  }
}

TEST(ApproximateCode, EveryWorkerHoldsDShardsAndEveryShardHasDWorkers) {
  for (const auto& [name, kind] : kGraphs)
    for (const int d : {1, 2, 4}) {
      const Eigen::MatrixXd a = matrix_of(code_graph(kind, 16, d, 3));
      EXPECT_TRUE((a.rowwise().sum().array() == d).all()) << name;
      EXPECT_TRUE((a.colwise().sum().array() == d).all()) << name;
      EXPECT_EQ(a.maxCoeff(), 1) << name << ": a shard that a worker holds twice";
    }
}

// Whichever are missing: the bound of `fixed`, which no decoding of least error exceeds.
TEST(ApproximateCode, TheErrorKeepsWithinItsBound) {
  for (const auto& [name, kind] : kGraphs)
    for (const int d : {2, 3}) {
      const Graph graph = code_graph(kind, 12, d, 1);
      const Eigen::MatrixXd a = matrix_of(graph);
      const double second = Eigen::JacobiSVD<Eigen::MatrixXd>(a).singularValues()[1];
      ApproximateCode fixed(graph, CodeDecoder::fixed), optimal(graph, CodeDecoder::optimal);
      double worst = 0;
      for (std::uint64_t draw = 0; draw < 200; ++draw)
        for (int s = 0; s < 12; ++s) {
          const std::vector<bool> arrived = all_but(12, some_workers(12, s, draw));
          const double bound = second / d * std::sqrt(s / (12.0 - s));
          const double error = fixed.decode(arrived).rms_error;
          EXPECT_LE(error, bound + 1e-12) << name << " s = " << s;
          EXPECT_LE(optimal.decode(arrived).rms_error, error + 1e-12) << name << " s = " << s;
          if (s > 0) worst = std::max(worst, error / bound);
        }
      EXPECT_GT(worst, 0.5) << name << ": the bound says little";
    }
  for (const json::value& row : vectors().at("rows").as_array()) {
    const Eigen::MatrixXd a =
        matrix_of(code_graph(kGraphs.at(std::string(row.at("graph").as_string())), 12, 3, 1));
    const auto s = static_cast<double>(row.at("missing").as_array().size());
    const double second = Eigen::JacobiSVD<Eigen::MatrixXd>(a).singularValues()[1];
    EXPECT_NEAR(second / 3 * std::sqrt(s / (12 - s)), row.at("bound").to_number<double>(), 1e-10);
  }
}

// norm(g-hat - g) <= e sqrt(P) sqrt(sum_p norm(c_p)^2), and for contributions along the error
// itself it is met.
TEST(ApproximateCode, TheSumIsNoFartherOffThanItsErrorSays) {
  for (const auto& [name, kind] : kGraphs)
    for (const auto& [decoder_name, decoder] : kDecoders)
      for (std::uint64_t draw = 0; draw < 50; ++draw) {
        ApproximateCode code(code_graph(kind, 12, 2, 1), decoder);
        const std::vector<bool> arrived =
            all_but(12, some_workers(12, 1 + static_cast<int>(draw % 10), draw));
        const Decoding& found = code.decode(arrived);
        Vector weight = Vector::Zero(12);
        std::size_t next = 0;
        for (WorkerId j = 0; j < 12; ++j)
          if (arrived[static_cast<std::size_t>(j)]) {
            const double a = found.weights.at(next++);
            for (const Part& part : code.parts(j)) weight[part.shard] += a * part.coefficient;
          }
        const Vector off = weight - Vector::Ones(12);
        const auto bound = [&](const Eigen::MatrixXd& c) {
          return found.rms_error * std::sqrt(12) * c.norm();
        };
        Eigen::MatrixXd c(12, 5);  // a contribution a row
        for (int p = 0; p < 12; ++p)
          for (int i = 0; i < 5; ++i)
            c(p, i) = normal_quantile(
                uniform(9, Stream::retry, draw, static_cast<std::uint32_t>(5 * p + i)));
        EXPECT_LE((off.transpose() * c).norm(), bound(c) + 1e-12) << name << decoder_name;
        EXPECT_NEAR((off.transpose() * off).norm(), bound(off), 1e-12) << name << decoder_name;
      }
}

// Independent of the decoder's own algebra: Eigen's pseudo-inverse.
TEST(ApproximateCode, OptimalWeightsAreThoseOfLeastErrorAndOfThoseTheSmallest) {
  for (const auto& [name, kind] : kGraphs)
    for (std::uint64_t draw = 0; draw < 40; ++draw) {
      const Graph graph = code_graph(kind, 24, 3, 5);
      const std::vector<int> missing = some_workers(24, 1 + static_cast<int>(draw % 12), draw);
      const std::vector<bool> arrived = all_but(24, missing);
      std::vector<int> there;
      for (int j = 0; j < 24; ++j)
        if (arrived[static_cast<std::size_t>(j)]) there.push_back(j);
      const Eigen::MatrixXd received = matrix_of(graph)(there, Eigen::all).transpose() / 3;
      Eigen::JacobiSVD<Eigen::MatrixXd> svd(received, Eigen::ComputeThinU | Eigen::ComputeThinV);
      svd.setThreshold(1e-10);
      const Vector expected = svd.solve(Vector::Ones(24));
      const std::vector<double> weights =
          ApproximateCode(graph, CodeDecoder::optimal).decode(arrived).weights;
      const Vector found = Eigen::Map<const Vector>(weights.data(), expected.size());
      EXPECT_LE((found - expected).norm(), 1e-10) << name << " draw " << draw;
    }
}

// e^2 P is the number of lost shards: those of the groups that are missing as a whole.
TEST(ApproximateCode, GroupsLoseTheShardsOfWhomNobodyIsThere) {
  ApproximateCode code(code_graph(CodeGraph::fractional, 12, 3, 1), CodeDecoder::optimal);
  for (unsigned set = 0; set < 4095; ++set) {
    std::vector<int> missing;
    for (int j = 0; j < 12; ++j)
      if (set >> j & 1u) missing.push_back(j);
    int lost = 0;
    for (int group = 0; group < 4; ++group)
      if ((set >> (3 * group) & 7u) == 7u) lost += 3;
    const Decoding& found = code.decode(all_but(12, missing));
    EXPECT_NEAR(found.rms_error * found.rms_error * 12, lost, 1e-10) << set;
    if (missing.size() < 3) {
      EXPECT_LE(found.error, 1e-14) << set;
    }
  }
}

double binomial(int n, int k) {
  double out = 1;
  for (int i = 0; i < k; ++i) out *= static_cast<double>(n - i) / (k - i);
  return n < k || k < 0 ? 0 : out;
}

TEST(ApproximateCode, GroupsLoseWithRandomStragglersWhatIsExpected) {
  for (const json::value& row : vectors().at("fractional_expected").as_array()) {
    const auto workers = row.at("W").to_number<int>(), d = row.at("c").to_number<int>();
    const auto s = row.at("missing").to_number<int>();
    const double expected = row.at("expected_lost_shards").to_number<double>();
    EXPECT_NEAR(workers * binomial(workers - d, s - d) / binomial(workers, s), expected, 1e-12);
    if (workers > 12) continue;
    ApproximateCode code(code_graph(CodeGraph::fractional, workers, d, 1), CodeDecoder::optimal);
    constexpr std::uint64_t kDraws = 20'000;
    double sum = 0;
    for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
      const double e = code.decode(all_but(workers, some_workers(workers, s, draw))).rms_error;
      sum += e * e * workers;
    }
    // Of a draw at most 6 shards are lost, so the mean has a deviation of at most 0.02.
    EXPECT_NEAR(sum / kDraws, expected, 0.08);
  }
}

TEST(ApproximateCode, WithAllMessagesOrAllShardsEverywhereItIsExact) {
  for (const auto& [name, kind] : kGraphs)
    for (const auto& [decoder_name, decoder] : kDecoders) {
      for (const int d : {1, 2, 4}) {
        ApproximateCode code(code_graph(kind, 8, d, 1), decoder);
        const Decoding& found = code.decode(std::vector<bool>(8, true));
        EXPECT_EQ(found.weights, std::vector<double>(8, 1.0)) << name << decoder_name;
        EXPECT_EQ(found.error, 0) << name << decoder_name;
      }
      ApproximateCode full(code_graph(kind, 4, 4, 1), decoder);
      for (int j = 0; j < 4; ++j) {
        std::vector<bool> one(4, false);
        one[static_cast<std::size_t>(j)] = true;
        EXPECT_LE(full.decode(one).error, 1e-15) << name << decoder_name;
      }
    }
}

TEST(ApproximateCode, RegularGraphsThatCannotBeFoundAreRefused) {
  try {
    code_graph(CodeGraph::regular, 64, 40, 1);
    FAIL() << "a graph";
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what())
                    .starts_with("--redundancy: 40 is more than a regular graph of 64 workers was "
                                 "found for; expected at "
                                 "most "))
        << error.what();
  }
}

}  // namespace
}  // namespace laggard
