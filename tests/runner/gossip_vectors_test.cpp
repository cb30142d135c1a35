// The worked numbers of gossip from the command line; what it prints, and what it refuses.
#include "tests/runner/program.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

using Arguments = std::vector<std::string>;

class GossipByCommand : public Program {
 protected:
  const json::object vectors =
      json::parse(read_text(std::string(LAGGARD_TESTS_DIR) + "/vectors/note_gossip.json"))
          .as_object();
  const Arguments base = {"--protocol", "gossip",    "--data",     heart(),
                          "--workers",  "7",         "--graph",    "note7",
                          "--stop",     "none",      "--sharding", "contiguous",
                          "--output",   path("run"), "--quiet",    "--overwrite"};

  static std::string heart() { return std::string(LAGGARD_DATA_DIR) + "/heart.svm.gz"; }

  int run_with(Arguments more) {
    more.insert(more.begin(), base.begin(), base.end());
    return run(more);
  }

  std::vector<double> column(const std::string& file, const std::string& name) const {
    std::stringstream lines(read_text(path("run/" + file)));
    std::vector<double> out;
    std::ptrdiff_t place = -1;
    for (std::string line; std::getline(lines, line);) {
      std::stringstream cells(line);
      std::ptrdiff_t at = 0;
      for (std::string cell; std::getline(cells, cell, ','); ++at) {
        if (place < 0 && cell == name) {
          place = at;
          break;
        }
        if (at == place) out.push_back(std::stod(cell));
      }
    }
    return out;
  }
  json::object run_json() const { return json::parse(read_text(path("run/run.json"))).as_object(); }
};

TEST_F(GossipByCommand, FollowsTheWorkedNumbers) {
  for (const json::value& c : vectors.at("runs").as_array()) {
    const std::string mixing(c.at("mixing").as_string()), order(c.at("order").as_string());
    SCOPED_TRACE(mixing + " " + order);
    const auto number = [](const json::value& value) { return value.to_number<double>(); };
    const json::array& rounds = c.at("rounds").as_array();
    const Arguments own = {"--mixing",      mixing,
                           "--order",       order,
                           "--step-size",   fmt::format("{}", number(c.at("alpha"))),
                           "--regularizer", fmt::format("l2:{}", 270 * number(c.at("lam_over_N")))};
    const auto after = [&](int count, std::string_view mean) {
      Arguments all = own;
      all.insert(all.end(), {"--max-rounds", std::to_string(count)});
      ASSERT_EQ(run_with(all), 3) << err();
      const std::vector<double> z = column("solution.csv", "value");
      ASSERT_EQ(z.size(), 13u);
      for (std::size_t j = 0; j < z.size(); ++j)
        EXPECT_NEAR(z[j], number(c.at(mean).at(j)), 1e-12 * std::max(1.0, std::abs(z[j])));
    };
    after(1, "mean_1");
    after(rounds.back().to_number<int>(), "mean_last");
    const std::vector<double> objective = column("iterations.csv", "objective");
    for (std::size_t i = 1; i < rounds.size(); ++i)
      EXPECT_NEAR(objective.at(rounds[i].to_number<std::size_t>() - 1) / 270,
                  number(c.at("objective_of_mean").at(i)), 1e-12);
    const json::object result = run_json();
    EXPECT_NEAR(number(result.at("disagreement")), number(c.at("disagreement").as_array().back()),
                1e-12);
    EXPECT_NEAR(number(result.at("spectral_gap")),
                1 - number(vectors.at("second_eigenvalue").at(mixing)), 1e-12);
  }
}

TEST_F(GossipByCommand, NodesFinishWhenTheVectorsSay) {
  const json::value& barrier = vectors.at("local_barrier");
  const json::array& finished = barrier.at("finished").as_array();
  std::string straggler = "fixed:";
  for (const json::value& time : barrier.at("seconds").as_array())
    straggler += (straggler.back() == ':' ? "" : ",") + json::serialize(time);
  ASSERT_EQ(run_with({"--fleet-model", "ideal", "--latency", "0.5", "--straggler", straggler,
                      "--regularizer", "none", "--step-size", "0.1", "--max-rounds",
                      std::to_string(finished.size())}),
            3)
      << err();
  const std::vector<double> at = column("iterations.csv", "virtual_s");
  ASSERT_EQ(at.size(), finished.size());
  for (std::size_t r = 0; r < at.size(); ++r) {
    double last = 0;
    for (const json::value& time : finished[r].as_array())
      last = std::max(last, time.to_number<double>());
    EXPECT_EQ(std::llround(1e9 * at[r]), std::llround(1e9 * last)) << r;
  }
}

TEST_F(GossipByCommand, TellsWhoTalksAndWhoPassesMessagesOn) {
  const Arguments few = {"--protocol",    "gossip", "--data",       "heart", "--workers", "7",
                         "--regularizer", "l2:1",   "--max-rounds", "3",     "--graph",   "note7"};
  ASSERT_EQ(run(few), 3);
  EXPECT_THAT(err(), HasSubstr("notice: note7: 7 nodes, 9 edges; abs(lambda_2) of the mixing "
                               "matrix is 0.868831, the spectral gap 0.131169"));
  EXPECT_THAT(out(), HasSubstr("from worker to worker"));
  Arguments threads = few;
  threads.insert(threads.end(), {"--fleet", "threads"});
  ASSERT_EQ(run(threads), 3);
  EXPECT_THAT(err(), HasSubstr("notice: workers of --fleet threads cannot call each other: the "
                               "coordinator passes their messages on"));
  Arguments exhibit = few;
  exhibit.insert(exhibit.end(), {"--mixing", "closed_uniform"});
  ASSERT_EQ(run(exhibit), 3);
  EXPECT_THAT(err(), HasSubstr("closed_uniform is no doubly stochastic mixing"));
}

// What the file of a run says gives way to another protocol, and the other way round.
TEST_F(GossipByCommand, ConfigurationsChangeBetweenProtocols) {
  const Arguments small = {"--data", "heart", "--workers", "4", "--max-rounds", "3", "--json"};
  const auto with = [&](Arguments more) {
    more.insert(more.end(), small.begin(), small.end());
    return more;
  };
  ASSERT_EQ(run(with({"--protocol", "gossip", "--regularizer", "l2:1", "--output", path("g")})), 3);
  const std::string digest(result().at("iterate_digest").as_string());
  ASSERT_EQ(run({"--config", path("g/run.json"), "--json"}), 3) << err();
  EXPECT_EQ(result().at("iterate_digest"), json::value(digest));
  ASSERT_EQ(run({"--config", path("g/run.json"), "--protocol", "sync", "--json"}), 3) << err();
  EXPECT_EQ(result().at("configuration").at("method"), "admm");
  EXPECT_EQ(result().at("configuration").at("topology"), "star");
  ASSERT_EQ(run(with({"--regularizer", "l2:1", "--output", path("s")})), 3);
  ASSERT_EQ(run({"--config", path("s/run.json"), "--protocol", "gossip", "--json"}), 3) << err();
  EXPECT_EQ(result().at("iterate_digest"), json::value(digest));
}

TEST_F(GossipByCommand, AFileOfEdgesGoesByItsContent) {
  std::ofstream(path("edges.txt")) << "0 1 0.5\n1 2 0.25\n2 3 0.5\n";
  std::ofstream(path("same.txt")) << "0 1 0.5\n1 2 0.25\n2 3 0.5\n";
  std::ofstream(path("other.txt")) << "0 1 0.5\n1 2 0.5\n2 3 0.25\n";
  const auto id_of = [&](const std::string& file) {
    EXPECT_EQ(run({"--protocol", "gossip", "--data", "heart", "--workers", "4", "--regularizer",
                   "l2:1", "--max-rounds", "3", "--quiet", "--overwrite", "--output", path("run"),
                   "--graph", "file:" + path(file)}),
              3)
        << err();
    return run_json().at("id");
  };
  EXPECT_EQ(id_of("edges.txt"), id_of("same.txt"));
  EXPECT_NE(id_of("edges.txt"), id_of("other.txt"));
}

TEST_F(GossipByCommand, BadInputIsRefusedInOneLine) {
  std::ofstream(path("split.txt")) << "0 1\n2 3\n";
  std::ofstream(path("skew.txt")) << "0 1 0.5\n1 0 0.25\n1 2 0.2\n2 3 0.2\n";
  std::ofstream(path("far.txt")) << "0 1\n1 2\n2 4\n";
  const std::string split = "file:" + path("split.txt"), skew = path("skew.txt"),
                    far = path("far.txt");
  const std::vector<std::pair<Arguments, std::string>> cases = {
      {{"--graph", split},
       "--graph: " + split +
           " is not connected: no way leads from node 0 to node 2; expected a connected graph of "
           "4 nodes"},
      {{"--graph", "file:" + skew},
       "--graph: " + skew +
           ":2: edge 1 0 weighs 0.25, but 0 1 on line 1 weighs 0.5; expected weights that are "
           "symmetric"},
      {{"--graph", "file:" + far},
       "--graph: " + far + ":3: 4 is no node; expected a number from 0 to 3"},
      {{"--graph", "file:" + path("none.txt")},
       "--graph: " + path("none.txt") +
           ": cannot be opened (No such file or directory); expected an edge a line"},
      {{"--graph", "note7"},
       "--graph: note7 has 7 nodes, and there are 4 workers; expected --workers 7"},
      {{"--graph", "torus:2x3"},
       "--graph: torus:2x3 has 6 nodes, and there are 4 workers; expected --workers 6"},
      {{"--graph", "torus:2x"},
       "--graph: torus:2x is no torus; expected torus:RxC with integers R and C from 1 to 1000000"},
      {{"--graph", "star"},
       "--graph: star is not known; expected note7, ring, torus:RxC, complete or file:PATH"},
      {{"--mixing", "file"},
       "--mixing: file needs a graph whose file has weights; expected metropolis"},
      {{"--shards", "8"},
       "--shards: 8 cannot go with gossip, where a node has a worker and a shard; expected 4, as "
       "many as workers"},
      {{"--method", "gd"}, "--method: gd cannot go with protocol gossip; expected --method gossip"},
      {{"--regularizer", "l1:1"},
       "--method gossip: needs a smooth regulariser, not l1:1; expected none or l2:L"},
      {{"--stop", "boyd"},
       "--stop: boyd goes by residuals, and those of --method gossip say little of the optimum; "
       "expected certified or none"},
      {{"--topology", "tree"},
       "--topology: tree cannot go with protocol gossip; expected direct, where workers talk to "
       "each other"},
      {{"--masters", "2"},
       "--masters: has no effect with protocol gossip, whose messages do not pass the coordinator; "
       "expected --latency or --bandwidth"},
      {{"--loss", "hinge"},
       "--loss: hinge has kinks, which --method gossip cannot take; expected squared_hinge, or "
       "--method agd, fedavg, gd, local_sgd, nesterov or sgd"}};
  for (const auto& [more, message] : cases) {
    Arguments all = {"--protocol", "gossip",   "--data",        "heart",         "--workers",
                     "4",          "--output", path("refused"), "--regularizer", "l2:1"};
    all.insert(all.end(), more.begin(), more.end());
    EXPECT_EQ(run(all), 2);
    EXPECT_EQ(err(), "runner: " + message + "\n");
    EXPECT_FALSE(std::filesystem::exists(path("refused")));
  }
  EXPECT_EQ(run({"--method", "gossip"}), 2);
  EXPECT_EQ(err(),
            "runner: --method: gossip cannot go with protocol sync; expected --protocol "
            "gossip\n");
  EXPECT_EQ(run({"--topology", "direct"}), 2);
  EXPECT_EQ(err(),
            "runner: --topology: direct cannot go with protocol sync; expected star, or "
            "--protocol gossip\n");
}

}  // namespace
}  // namespace laggard
