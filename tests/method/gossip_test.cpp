// Gossip against worked numbers, linear systems and gradient descent; its graphs and their weights.
// [math 10.3]
#include "methods/gossip/gossip.hpp"

#include "core/io/error.hpp"
#include "core/method/gradient_sum.hpp"
#include "tests/method/dense_problem.hpp"
#include "tests/method/sync_run.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>
#include <Eigen/Dense>

#include <fstream>
#include <numbers>
#include <random>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;
using testing::Dense;
using testing::load;
using testing::SyncRun;

const json::object& vectors() {
  static const json::object all = [] {
    std::ifstream file(LAGGARD_TESTS_DIR "/vectors/note_gossip.json");
    std::stringstream text;
    text << file.rdbuf();
    return json::parse(text.str()).as_object();
  }();
  return all;
}

double number(const json::value& value) { return value.to_number<double>(); }

Vector vector_of(const json::value& list) {
  Vector out(static_cast<Eigen::Index>(list.as_array().size()));
  for (Eigen::Index i = 0; i < out.size(); ++i)
    out[i] = number(list.as_array()[static_cast<std::size_t>(i)]);
  return out;
}

void expect_near(const Vector& found, const Vector& expected, double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  for (Eigen::Index j = 0; j < expected.size(); ++j)
    EXPECT_NEAR(found[j], expected[j], tolerance * std::max(1.0, std::abs(expected[j]))) << j;
}

Problem heart(double lam_over_n, int shards = 7, const std::string& loss = "logistic") {
  return load("heart", shards, loss, fmt::format("l2:{}", 270 * lam_over_n));
}

OptionValues options_of(const std::string& graph, double step, const std::string& order,
                        const std::string& mixing = "metropolis") {
  return {{"graph", graph}, {"step-size", step}, {"order", order}, {"mixing", mixing}};
}

Mixing mixing_on(const std::string& graph, int nodes, const std::string& name = "metropolis") {
  return make_mixing(make_graph(graph, nodes), name);
}

Eigen::MatrixXd dense(const Mixing& mixing) {
  Eigen::MatrixXd m = Eigen::MatrixXd::Zero(mixing.nodes(), mixing.nodes());
  for (int k = 0; k < mixing.nodes(); ++k)
    for (const MixingWeight& w : mixing.rows[static_cast<std::size_t>(k)]) m(k, w.node) = w.weight;
  return m;
}

// A run of a mixing that no option names.
struct Nodes {
  std::unique_ptr<const WorkerHalf> worker;
  Gossip gossip;
  Workspace scratch;

  Nodes(const Problem& problem, Mixing mixing, const GossipOptions& options)
      : worker(make_gradient_sum(problem, {}, Precision::f64)),
        gossip(std::move(mixing), problem.features(), *problem.regularizer, options) {}

  void advance(ShardId node) {
    static const std::atomic<bool> never{false};
    Task task;
    task.shard = node;
    gossip.form(task);
    gossip.accept(task, worker->compute(task, scratch, never));
  }
  void round() {
    for (ShardId k = 0; k < gossip.shards(); ++k) advance(k);
    gossip.update(Absent::reuse);
  }
};

Mixing alone(int nodes) {
  Mixing mixing;
  for (int k = 0; k < nodes; ++k) mixing.rows.push_back({{k, 1.0}});
  return mixing;
}

TEST(Gossip, FollowsTheWorkedNumbers) {
  for (const json::value& c : vectors().at("runs").as_array()) {
    const std::string mixing(c.at("mixing").as_string()), order(c.at("order").as_string());
    SCOPED_TRACE(mixing + " " + order);
    const Problem problem = heart(number(c.at("lam_over_N")));
    SyncRun run("gossip", problem, options_of("note7", number(c.at("alpha")), order, mixing));
    const json::array& rounds = c.at("rounds").as_array();
    std::size_t at = 0;
    double disagreement = 0;
    for (int k = 0; at < rounds.size(); ++k) {
      if (k > 0) disagreement = run.round().disagreement;
      if (k == 1) expect_near(run.z(), vector_of(c.at("mean_1")), 1e-12);
      if (k != rounds[at].to_number<int>()) continue;
      EXPECT_NEAR(objective(problem, view(run.z())) / 270, number(c.at("objective_of_mean").at(at)),
                  1e-12)
          << k;
      EXPECT_NEAR(disagreement, number(c.at("disagreement").at(at)), 1e-12) << k;
      ++at;
    }
    expect_near(run.z(), vector_of(c.at("mean_last")), 1e-12);
  }
}

TEST(Gossip, WeightsOfTheSevenNodesAreThoseOfTheVectors) {
  const Mixing mixing = mixing_on("note7", 7);
  for (int k = 0; k < 7; ++k)
    for (int j = 0; j < 7; ++j)
      EXPECT_NEAR(mixing.at(k, j), number(vectors().at("metropolis").at(k).at(j)), 1e-15);
  for (const json::value& edge : vectors().at("edges").as_array())
    EXPECT_GT(mixing.at(edge.at(0).to_number<int>(), edge.at(1).to_number<int>()), 0);
  for (const char* name : {"metropolis", "closed_uniform"})
    EXPECT_NEAR(spectrum(mixing_on("note7", 7, name)).second,
                number(vectors().at("second_eigenvalue").at(name)), 1e-12);
}

// On the squared loss a round is affine over all nodes at once: w = (I - alpha H)(M x I) w + alpha
// r, or ((M x I) - alpha H) w + alpha r where the gradient is at the nodes' own models.
struct LinearSystem {
  Eigen::MatrixXd step;  // of all models, one after the other
  Vector offset;

  LinearSystem(const Problem& problem, const Mixing& mixing, double alpha, bool dpsgd) {
    const Dense all(problem);
    const int m = problem.shards, d = problem.features();
    const double n = static_cast<double>(problem.data->samples());
    Eigen::MatrixXd h = Eigen::MatrixXd::Zero(m * d, m * d), mixed = h;
    offset = Vector::Zero(m * d);
    for (int k = 0; k < m; ++k) {
      const Rows rows = problem.shard(k);
      const auto part = all.a.middleRows(rows.begin, rows.count());
      h.block(k * d, k * d, d, d) = m / n * part.transpose() * part;
      h.block(k * d, k * d, d, d).diagonal().array() +=
          *problem.regularizer->smooth_curvature() / n;
      offset.segment(k * d, d) =
          alpha * m / n * (part.transpose() * all.b.segment(rows.begin, rows.count()));
      for (const MixingWeight& w : mixing.rows[static_cast<std::size_t>(k)])
        mixed.block(k * d, w.node * d, d, d).diagonal().setConstant(w.weight);
    }
    const Eigen::MatrixXd one = Eigen::MatrixXd::Identity(m * d, m * d);
    step = dpsgd ? Eigen::MatrixXd(mixed - alpha * h) : Eigen::MatrixXd((one - alpha * h) * mixed);
  }
  Vector limit() const {
    return (Eigen::MatrixXd::Identity(step.rows(), step.cols()) - step)
        .partialPivLu()
        .solve(offset);
  }
};

TEST(Gossip, OnTheSquaredLossTendsToTheSolutionOfALinearSystem) {
  struct Case {
    const char *graph, *order, *mixing;
    int nodes;
  };
  for (const Case& c :
       {Case{"note7", "combine_first", "metropolis", 7}, Case{"note7", "dpsgd", "metropolis", 7},
        Case{"note7", "combine_first", "closed_uniform", 7}, Case{"ring", "dpsgd", "metropolis", 5},
        Case{"torus:2x3", "combine_first", "metropolis", 6}}) {
    SCOPED_TRACE(fmt::format("{} {} {}", c.graph, c.order, c.mixing));
    const Problem problem = heart(0.05, c.nodes, "squared");
    const double alpha = 0.1;
    const Vector limit = LinearSystem(problem, mixing_on(c.graph, c.nodes, c.mixing), alpha,
                                      c.order == std::string("dpsgd"))
                             .limit();
    SyncRun run("gossip", problem, options_of(c.graph, alpha, c.order, c.mixing));
    for (int k = 0; k < 5000; ++k) run.round();
    for (int k = 0; k < c.nodes; ++k)
      expect_near(dynamic_cast<Gossip&>(*run.halves.coordinator).model(k),
                  limit.segment(k * 13, 13), 1e-12);
  }
}

// The step is halved, and so is what the nodes disagree about; the mean gets nearer to the optimum.
TEST(Gossip, LimitsOfTheSquaredLossAreThoseOfTheVectors) {
  double last_error = kInfinity, last_disagreement = kNaN;
  for (const json::value& c : vectors().at("limit_squared_metropolis").as_array()) {
    const Problem problem = heart(0.01, 7, "squared");
    const double alpha = number(c.at("alpha"));
    SCOPED_TRACE(alpha);
    SyncRun run("gossip", problem, options_of("note7", alpha, "combine_first"));
    Residuals residuals;
    for (int k = 0; k < static_cast<int>(800 / alpha); ++k) residuals = run.round();
    expect_near(run.z(), vector_of(c.at("mean_limit")), 1e-11);
    const double value = objective(problem, view(run.z())) / 270;
    EXPECT_NEAR(value, number(c.at("objective")), 1e-12);
    EXPECT_NEAR(residuals.disagreement, number(c.at("disagreement")), 1e-11);
    EXPECT_LT(value - number(c.at("objective_optimal")), last_error);
    last_error = value - number(c.at("objective_optimal"));
    if (!std::isnan(last_disagreement)) {
      EXPECT_NEAR(residuals.disagreement / last_disagreement, 0.5, 0.1);
    }
    last_disagreement = residuals.disagreement;
  }
}

TEST(Gossip, OnTheCompleteGraphTheMeanIsGradientDescent) {
  const Problem problem = heart(0.01, 6);
  for (const char* order : {"combine_first", "dpsgd"}) {
    SyncRun gossip("gossip", problem, options_of("complete", 0.3, order));
    SyncRun gd("gd", problem, {{"step-size", 0.3}});
    // The gradients of dpsgd are at models that differ; so the claim holds for combine_first alone.
    const int rounds = order == std::string("dpsgd") ? 1 : 200;
    for (int k = 0; k < rounds; ++k) {
      gossip.round();
      gd.round();
      expect_near(gossip.z(), gd.z(), 1e-13);
    }
  }
}

TEST(Gossip, OfOneNodeIsGradientDescentBitForBit) {
  const Problem problem = heart(0.01, 1);
  SyncRun gossip("gossip", problem, options_of("ring", 0.3, "combine_first"));
  SyncRun gd("gd", problem, {{"step-size", 0.3}});
  for (int k = 0; k < 50; ++k) {
    gossip.round();
    gd.round();
    ASSERT_EQ(gossip.z(), gd.z()) << k;
  }
}

TEST(Gossip, NodesThatDoNotTalkDescendEachOnItsOwnShard) {
  const Problem problem = heart(0.01, 5);
  Nodes nodes(problem, alone(5), {.alpha = 0.4, .samples = 270});
  for (int k = 0; k < 100; ++k) nodes.round();
  EXPECT_EQ(nodes.gossip.spectral_gap(), 0);
  for (ShardId p = 0; p < 5; ++p) {
    // The shard alone, in the place of the whole; its objective weighs 5 n_p / 270 in the mean.
    const Rows rows = problem.shard(p);
    const Dense all(problem);
    Vector w = Vector::Zero(13);
    for (int k = 0; k < 100; ++k) {
      const auto a = all.a.middleRows(rows.begin, rows.count());
      const auto b = all.b.segment(rows.begin, rows.count());
      const Vector margin = a * w;
      const Vector slope = -b.array() / (1 + (b.array() * margin.array()).exp());
      w -= 0.4 * (5.0 / 270 * (a.transpose() * slope) + 0.01 * w);
    }
    expect_near(nodes.gossip.model(p), w, 1e-13);
  }
}

TEST(Gossip, MixingAloneKeepsTheMean) {
  const Problem problem = heart(0.01);
  SyncRun start("gossip", problem, options_of("note7", 0.5, "combine_first"));
  for (int k = 0; k < 20; ++k) start.round();
  StateArchive written;
  start.halves.coordinator->persist(written);
  Nodes nodes(problem, mixing_on("note7", 7), {.alpha = 0, .samples = 270});
  StateArchive read(written.bytes());
  nodes.gossip.persist(read);
  const Vector mean = start.z();
  for (int k = 0; k < 200; ++k) {
    nodes.round();
    expect_near(*nodes.gossip.z(), mean, 1e-14);
  }
  for (ShardId k = 0; k < 7; ++k) expect_near(nodes.gossip.model(k), mean, 1e-12);
}

// Whoever may begin its next round does so or does not, as luck has it.
TEST(Gossip, NodesThatRunAheadMakeTheSameModels) {
  const Problem problem = heart(0.01);
  const auto options = GossipOptions{.order = GossipOrder::dpsgd, .alpha = 0.3, .samples = 270};
  Nodes in_step(problem, mixing_on("note7", 7), options);
  Nodes ahead(problem, mixing_on("note7", 7), options);
  std::mt19937 random(1);
  std::vector<int> made(7, 0);
  int updates = 0, farthest = 0;
  while (updates < 30) {
    const ShardId node = static_cast<ShardId>(random() % 7);
    bool may = true;
    for (const ShardId other : ahead.gossip.neighbours(node))
      may &= made[static_cast<std::size_t>(other)] >= made[static_cast<std::size_t>(node)];
    if (!may) continue;
    ahead.advance(node);
    farthest = std::max(farthest, ++made[static_cast<std::size_t>(node)] - updates);
    if (*std::min_element(made.begin(), made.end()) <= updates) continue;
    ahead.gossip.update(Absent::reuse);
    ++updates;
    in_step.round();
    ASSERT_EQ(*ahead.gossip.z(), *in_step.gossip.z()) << updates;
  }
  EXPECT_GT(farthest, 2) << "nobody was ahead";
}

TEST(Graphs, HaveTheNeighboursOfTheirShape) {
  const auto neighbours = [](const std::string& spec, int nodes, int node) {
    std::vector<int> out;
    const Graph graph = make_graph(spec, nodes);
    for (const Neighbour& other : graph.of[static_cast<std::size_t>(node)])
      out.push_back(other.node);
    return out;
  };
  using List = std::vector<int>;
  EXPECT_EQ(neighbours("ring", 5, 0), (List{1, 4}));
  EXPECT_EQ(neighbours("ring", 2, 0), (List{1}));
  EXPECT_EQ(neighbours("ring", 1, 0), List{});
  EXPECT_EQ(neighbours("complete", 4, 2), (List{0, 1, 3}));
  EXPECT_EQ(neighbours("torus:3x4", 12, 0), (List{1, 3, 4, 8}));
  EXPECT_EQ(neighbours("torus:2x3", 6, 4), (List{1, 3, 5}));
  EXPECT_EQ(neighbours("torus:1x4", 4, 0), (List{1, 3}));
  EXPECT_EQ(make_graph("torus:4x4", 16).edges(), 32);
  EXPECT_EQ(make_graph("note7", 7).edges(), 9);
}

// Circulant graphs have eigenvalues in closed form; others those of a dense solver.
TEST(Graphs, SpectraAreThoseOfTheirMatrices) {
  for (const int m : {3, 4, 8, 9, 64, 501}) {
    const double gap = 2.0 / 3 * (1 - std::cos(2 * std::numbers::pi / m));
    const Spectrum found = spectrum(mixing_on("ring", m));
    EXPECT_NEAR(found.second, 1 - gap, 1e-10) << m;
  }
  EXPECT_NEAR(spectrum(mixing_on("complete", 9)).second, 0, 1e-14);
  EXPECT_EQ(spectrum(mixing_on("ring", 1)).gap(), 1);
  for (const auto& [graph, nodes] :
       {std::pair{"torus:4x5", 20}, std::pair{"note7", 7}, std::pair{"ring", 6}})
    for (const char* name : {"metropolis", "closed_uniform"}) {
      Eigen::VectorXd values = dense(mixing_on(graph, nodes, name)).eigenvalues().real().eval();
      std::sort(values.begin(), values.end());
      const Spectrum found = spectrum(mixing_on(graph, nodes, name));
      EXPECT_NEAR(found.least, values[0], 1e-12) << graph << name;
      EXPECT_NEAR(found.second, std::max(-values[0], values[nodes - 2]), 1e-12) << graph << name;
    }
}

TEST(Graphs, MetropolisWeightsAreDoublyStochasticAndOthersAreNot) {
  for (const auto& [graph, nodes] : {std::pair{"torus:3x4", 12}, std::pair{"note7", 7},
                                     std::pair{"ring", 5}, std::pair{"complete", 4}})
    EXPECT_TRUE(is_doubly_stochastic(mixing_on(graph, nodes))) << graph;
  EXPECT_FALSE(is_doubly_stochastic(mixing_on("note7", 7, "closed_uniform")));
  Mixing odd = mixing_on("ring", 3);
  odd.rows[0][1].weight += 1e-9;
  odd.rows[0][0].weight -= 1e-9;
  EXPECT_FALSE(is_doubly_stochastic(odd)) << "not symmetric";
  Mixing negative = alone(2);
  negative.rows = {{{0, 1.5}, {1, -0.5}}, {{0, -0.5}, {1, 1.5}}};
  EXPECT_FALSE(is_doubly_stochastic(negative));
}

class GraphFiles : public ::testing::Test {
 protected:
  // The error of a graph of 4 nodes that is read from this text, without its beginning.
  std::string error_of(const std::string& text, const std::string& mixing = "file") {
    const std::string file = (directory_.path() / "edges.txt").string();
    std::ofstream(file) << text;
    try {
      const Graph graph = make_graph("file:" + file, 4);
      make_mixing(graph, mixing);
    } catch (const Error& error) {
      const std::string message = error.what();
      const std::size_t place = message.find(file);
      return place == message.npos ? message : message.substr(place + file.size());
    }
    return "";
  }
  Graph read(const std::string& text) {
    const std::string file = (directory_.path() / "edges.txt").string();
    std::ofstream(file) << text;
    return make_graph("file:" + file, 4);
  }

  TemporaryDirectory directory_;
};

TEST_F(GraphFiles, HaveAnEdgeALine) {
  const Graph plain = read("# a path\n0 1\n\n2 1  # either way round\n2 3\n1 2\n");
  EXPECT_EQ(plain.edges(), 3);
  EXPECT_FALSE(plain.weighted);
  EXPECT_TRUE(is_doubly_stochastic(make_mixing(plain, "metropolis")));
  const Mixing mixing = make_mixing(read("0 1 0.5\n1 2 0.25\n2 1 0.25\n2 3 0.75\n"), "file");
  EXPECT_TRUE(is_doubly_stochastic(mixing));
  EXPECT_EQ(mixing.at(1, 2), 0.25);
  EXPECT_EQ(mixing.at(1, 1), 0.25);
  EXPECT_EQ(mixing.at(2, 2), 0);
}

TEST_F(GraphFiles, ErrorsNameTheLine) {
  EXPECT_EQ(error_of("0 1\n1 4\n"), ":2: 4 is no node; expected a number from 0 to 3");
  EXPECT_EQ(error_of("0 x\n"), ":1: x is no node; expected a number from 0 to 3");
  EXPECT_EQ(error_of("0\n"), ":1: 1 fields; expected two nodes, or two nodes and a weight");
  EXPECT_EQ(error_of("\n2 2\n"), ":2: an edge from node 2 to itself; expected two nodes");
  EXPECT_EQ(error_of("0 1\n1 2 0.5\n"),
            ":2: an edge with a weight; expected weights of all edges or of none");
  EXPECT_EQ(error_of("0 1 1.5\n"), ":1: 1.5 is no weight; expected a number above 0 and at most 1");
  EXPECT_EQ(error_of("0 1\n1 2\n0 1\n"), ":3: edge 0 1 was on line 1 already; expected it once");
  EXPECT_EQ(error_of("0 1 0.5\n1 2 0.5\n1 0 0.25\n"),
            ":3: edge 1 0 weighs 0.25, but 0 1 on line 1 weighs 0.5; expected weights that are "
            "symmetric");
  EXPECT_EQ(error_of("# none\n"), ": no edges; expected one a line");
  EXPECT_EQ(
      error_of("0 1\n2 3\n"),
      " is not connected: no way leads from node 0 to node 2; expected a connected graph of 4 "
      "nodes");
  EXPECT_EQ(error_of("0 1 0.5\n1 2 0.75\n2 3 0.1\n"),
            "--mixing: the weights of node 1's edges come to 1.25; expected at most 1");
  EXPECT_EQ(error_of("0 1\n1 2\n2 3\n"),
            "--mixing: file needs a graph whose file has weights; expected metropolis");
  EXPECT_EQ(error_of("0 1 0.5\n1 2 0.5\n2 3 0.5\n", "metropolis"),
            "--mixing: metropolis cannot go with a graph whose file has weights; expected file");
}

}  // namespace
}  // namespace laggard
