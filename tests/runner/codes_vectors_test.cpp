// The worked numbers of codes, reproduced from the command line; what codes refuse.  [math 13]
#include "tests/runner/program.hpp"
#include "tests/support/gunzip.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;

using Arguments = std::vector<std::string>;

Arguments operator+(Arguments a, const Arguments& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

class CodesByCommand : public Program {
 protected:
  static const json::object& vectors() {
    static const json::object all =
        json::parse(read_text(std::string(LAGGARD_TESTS_DIR) + "/vectors/codes.json")).as_object();
    return all;
  }

  std::vector<double> column(const std::string& file, const std::string& name) const {
    std::stringstream lines(read_text(path("run/" + file)));
    std::vector<double> out;
    std::string line, cell;
    std::getline(lines, line);
    std::stringstream heading(line);
    int place = 0;
    while (std::getline(heading, cell, ',') && cell != name) ++place;
    while (std::getline(lines, line)) {
      std::stringstream cells(line);
      for (int i = 0; i <= place; ++i) std::getline(cells, cell, ',');
      out.push_back(std::stod(cell));
    }
    return out;
  }

  // One round of heart on a fleet whose messages cost nothing.
  void run_round(const Arguments& arguments) {
    const Arguments usual = {"--data",         "heart",       "--sharding",   "contiguous",
                             "--stop",         "none",        "--quiet",      "--output",
                             path("run"),      "--overwrite", "--max-rounds", "1",
                             "--latency",      "0",           "--bandwidth",  "inf",
                             "--service-time", "0",           "--cold-start", "0"};
    ASSERT_EQ(run(usual + arguments), 3) << err();
  }

  // By shard: the worker whose report counted.
  std::vector<int> taken_from() const {
    std::vector<int> from;
    std::stringstream lines(gunzip(path("run/workers.csv.gz")));
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
      if (!line.ends_with(",accepted")) continue;
      int round = 0, worker = 0, shard = 0;
      char comma = 0;
      std::istringstream(line) >> round >> comma >> worker >> comma >> shard;
      from.resize(std::max(from.size(), static_cast<std::size_t>(shard) + 1), -1);
      from[static_cast<std::size_t>(shard)] = worker;
    }
    return from;
  }

  // The step from w = 0 is the gradient, but for its length.
  std::vector<double> gradient() const { return column("solution.csv", "value"); }

  // What task k of worker w takes: times[w][k] seconds.
  std::string trace_of(const std::vector<std::vector<double>>& times) {
    std::string text = "worker,dispatched,started,finished,arrived,outcome\n";
    for (std::size_t w = 0; w < times.size(); ++w) {
      double at = 0;
      for (const double seconds : times[w]) {
        text += fmt::format("{},{:.9f},{:.9f},{:.9f},{:.9f},accepted\n", w, at, at, at + seconds,
                            at + seconds);
        at += seconds;
      }
    }
    std::ofstream(path("times.csv")) << text;
    return "trace:" + path("times.csv");
  }
};

std::vector<double> part_seconds(const json::value& c) {
  return json::value_to<std::vector<double>>(c.at("part_seconds"));
}

TEST_F(CodesByCommand, ApproximateGradientsAreAsFarOffAsInTheWorkedNumbers) {
  const Arguments gd = {"--workers",     "12",   "--method",    "gd",
                        "--regularizer", "none", "--step-size", "1"};
  run_round(gd);
  const std::vector<double> exact = gradient();
  for (const json::value& c : vectors().at("rows").as_array()) {
    const auto missing = json::value_to<std::vector<int>>(c.at("missing"));
    std::vector<std::string> times(12, "1");
    for (const int worker : missing) times[static_cast<std::size_t>(worker)] = "100";
    for (const char* decoder : {"fixed", "optimal", "centred"}) {
      SCOPED_TRACE(json::serialize(c.at("graph")) + json::serialize(c.at("missing")) + decoder);
      run_round(gd + Arguments{"--protocol", "approximate", "--redundancy", "3", "--graph",
                               std::string(c.at("graph").as_string()), "--decoder", decoder,
                               "--stragglers", std::to_string(missing.size()), "--straggler",
                               fmt::format("fixed:{}", fmt::join(times, ","))});
      const std::vector<double> found = gradient();
      double off = 0, length = 0;
      for (std::size_t i = 0; i < exact.size(); ++i) {
        off += (found[i] - exact[i]) * (found[i] - exact[i]);
        length += exact[i] * exact[i];
      }
      const json::object& expected = c.at(decoder).as_object();
      EXPECT_NEAR(std::sqrt(off / length), expected.at("gradient_error").to_number<double>(),
                  1e-10);
      EXPECT_NEAR(column("iterations.csv", "decode_rms").at(0),
                  expected.at("rms_error").to_number<double>(), 1e-10);
      EXPECT_NEAR(column("iterations.csv", "decode_error").at(0),
                  expected.at("max_error").to_number<double>(), 1e-10);
    }
  }
}

TEST_F(CodesByCommand, MultiMessageTakesTheTimesAndMessagesOfTheWorkedNumbers) {
  for (const json::value& c : vectors().at("multi_message").as_array()) {
    const std::vector<double> times = part_seconds(c);
    const auto s = c.at("s").to_number<int>();
    SCOPED_TRACE(s);
    run_round({"--workers", "8", "--protocol", "multi_message", "--redundancy", std::to_string(s),
               "--straggler", fmt::format("fixed:{}", fmt::join(times, ","))});
    EXPECT_EQ(column("iterations.csv", "virtual_s").at(0),
              c.at("round_seconds").to_number<double>());
    EXPECT_EQ(
        column("iterations.csv", "accepted").at(0) + column("iterations.csv", "discarded").at(0),
        c.at("messages_by_then").to_number<double>());
    const auto from = json::value_to<std::vector<int>>(c.at("taken_from"));
    EXPECT_EQ(taken_from(), from);
    run_round({"--workers", "8", "--straggler", fmt::format("fixed:{}", fmt::join(times, ","))});
    EXPECT_EQ(column("iterations.csv", "virtual_s").at(0), c.at("uncoded").to_number<double>());
    // One coded message of s + 1 parts.
    if (s == 0) continue;
    std::vector<std::vector<double>> whole;
    for (const double t : times) whole.push_back({(s + 1) * t});
    run_round({"--workers", "8", "--protocol", "coded", "--code", "cyclic", "--method", "fista",
               "--redundancy", std::to_string(s), "--straggler", trace_of(whole)});
    EXPECT_NEAR(column("iterations.csv", "virtual_s").at(0),
                c.at("one_message_cyclic").to_number<double>(), 1e-9);
  }
}

TEST_F(CodesByCommand, PartialCodedTakesTheTimesOfTheWorkedNumbers) {
  for (const json::value& c : vectors().at("partial_coded").as_array()) {
    const std::vector<double> times = part_seconds(c);
    const auto u = c.at("u").to_number<int>(), s = c.at("s").to_number<int>();
    SCOPED_TRACE(fmt::format("u {} s {}", u, s));
    std::vector<std::vector<double>> both;
    for (const double t : times) both.push_back({u * t, (s + 1) * t});
    const Arguments arguments = {
        "--workers",   "8",           "--protocol",      "partial_coded", "--method",
        "fista",       "--uncoded",   std::to_string(u), "--redundancy",  std::to_string(s),
        "--straggler", trace_of(both)};
    run_round(arguments);
    EXPECT_NEAR(column("iterations.csv", "virtual_s").at(0),
                c.at("round_seconds").to_number<double>(), 1e-9);
    EXPECT_EQ(column("iterations.csv", "accepted").at(0), 16 - s);
    const auto shards = json::parse(read_text(path("run/run.json"))).at("shards");
    EXPECT_EQ(shards.to_number<int>(), c.at("shards").to_number<int>());
  }
}

TEST_F(CodesByCommand, RefuseInOneLine) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"--protocol approximate",
       "--protocol: approximate carries sums of contributions, and those of --method admm do not "
       "add up; expected --method agd, fedavg, fista, gd, linearized_admm, nesterov, payload or "
       "sgd"},
      {"--protocol partial_coded --method local_sgd --regularizer none",
       "--protocol: partial_coded carries sums of contributions, and those of --method local_sgd "
       "do not add up; expected --method agd, fedavg, fista, gd, linearized_admm, nesterov, "
       "payload or sgd"},
      {"--protocol approximate --method fista --workers 8 --redundancy 9",
       "--redundancy: 9 is more than the 8 shards; expected an integer from 1 to 8"},
      {"--protocol approximate --method fista --workers 8 --redundancy 3 --graph fractional",
       "--redundancy: groups of 3 do not divide 8 workers; expected 2, or --graph cyclic or "
       "regular"},
      {"--protocol approximate --method fista --workers 64 --redundancy 40 --graph regular",
       "--redundancy: 40 is more than a regular graph of 64 workers was found for; expected at "
       "most 11, or --graph cyclic"},
      {"--protocol approximate --method fista --workers 8 --redundancy 0",
       "--redundancy: 0 is out of range; expected an integer from 1 to 1000000000"},
      {"--protocol approximate --method fista --workers 8 --stragglers 8",
       "--stragglers: 8 is out of range; expected an integer from 0 to 7"},
      {"--protocol approximate --method fista --workers 8 --wait 9",
       "--wait: 9 is more than the 8 workers; expected an integer from 1 to 8"},
      {"--protocol approximate --method fista --workers 8 --wait 5 --stragglers 2",
       "--wait: cannot go with --stragglers; expected one of the two"},
      {"--protocol approximate --method fista --workers 8 --shards 9",
       "--shards: 9 cannot go with this protocol; expected 8, as many as workers"},
      {"--protocol approximate --method fista --max-error -1",
       "--max-error: -1 is out of range; expected a number >= 0 or inf"},
      {"--protocol approximate --method fista --graph ring",
       "--graph: ring is not known; expected fractional, cyclic, regular"},
      {"--protocol approximate --method fista --graph-seed 2",
       "--graph-seed: has no effect with --graph fractional; expected --graph regular"},
      {"--protocol approximate --method fista --stop boyd",
       "--stop: boyd goes by residuals, and those of --protocol approximate are not exact; "
       "expected certified or none, or a --max-error of at most 1e-07"},
      {"--protocol approximate --method fista --stop paper --max-error 1e-6",
       "--stop: paper goes by residuals, and those of --protocol approximate are not exact; "
       "expected certified or none, or a --max-error of at most 1e-07"},
      {"--protocol multi_message --workers 4 --redundancy 4",
       "--redundancy: 4 is out of range; expected an integer from 0 to 3"},
      {"--protocol multi_message --workers 4 --shards 8",
       "--shards: 8 cannot go with this protocol; expected 4, as many as workers"},
      {"--protocol partial_coded --method fista --workers 4 --redundancy 3",
       "--redundancy: 3 is out of range; expected an integer from 0 to 2"},
      {"--protocol partial_coded --method fista --workers 4 --uncoded 0",
       "--uncoded: 0 is out of range; expected an integer from 1 to 1000"},
      {"--protocol partial_coded --method fista --workers 4 --uncoded 2 --shards 8",
       "--shards: 8 cannot go with this protocol; expected 12, W (u + 1) with --uncoded 2"}};
  for (const auto& [arguments, message] : cases) {
    std::istringstream words(arguments);
    Arguments all = {"--output", path("refused")};
    for (std::string word; words >> word;) all.push_back(word);
    EXPECT_EQ(run(all), 2) << arguments;
    EXPECT_EQ(err(), "runner: " + message + "\n") << arguments;
    EXPECT_FALSE(std::filesystem::exists(path("refused"))) << arguments;
  }
}

TEST_F(CodesByCommand, ResidualsOfSumsThatAreExactMayEndARun) {
  EXPECT_EQ(run({"--data", "heart", "--workers", "8", "--protocol", "approximate", "--method",
                 "fista", "--stop", "boyd", "--max-error", "1e-7", "--quiet"}),
            0)
      << err();
  EXPECT_EQ(run({"--data", "heart", "--workers", "8", "--protocol", "partial_coded", "--method",
                 "fista", "--stop", "boyd", "--quiet"}),
            0)
      << err();
}

// The options that a run was settled to are those that --config takes from it.
TEST_F(CodesByCommand, ARunIsRepeatedByItsConfiguration) {
  for (const Arguments& code :
       {Arguments{"approximate", "--wait", "5", "--graph", "regular", "--redundancy", "3"},
        Arguments{"approximate", "--stragglers", "2"}, Arguments{"partial_coded"},
        Arguments{"multi_message"}}) {
    ASSERT_EQ(run(Arguments{"--data", "heart", "--workers", "8", "--method", "fista", "--stop",
                            "none", "--max-rounds", "5", "--output", path("first"), "--overwrite",
                            "--straggler", "pareto", "--json", "--quiet", "--protocol"} +
                  code),
              3)
        << err();
    const std::string digest(result().at("iterate_digest").as_string());
    ASSERT_EQ(run({"--config", path("first/run.json"), "--json", "--quiet"}), 3) << err();
    EXPECT_EQ(std::string(result().at("iterate_digest").as_string()), digest);
  }
}

}  // namespace
}  // namespace laggard
