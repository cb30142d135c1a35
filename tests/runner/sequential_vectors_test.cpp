// The worked numbers of sequential, reproduced from the command line.
#include "tests/runner/program.hpp"
#include "tests/support/gunzip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;

using Row = std::map<std::string, std::string>;

std::vector<Row> rows_of(const std::string& text) {
  std::stringstream lines(text);
  std::vector<std::string> names;
  std::vector<Row> rows;
  for (std::string line; std::getline(lines, line);) {
    std::stringstream cells(line);
    std::vector<std::string> fields;
    for (std::string cell; std::getline(cells, cell, ',');) fields.push_back(cell);
    if (names.empty()) {
      names = fields;
      continue;
    }
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < fields.size(); ++i) row[names[i]] = fields[i];
  }
  return rows;
}

// A code as the worked numbers name it.
struct Code {
  explicit Code(const json::object& c)
      : multiplexed(c.at("code") == "multiplexed"),
        workers(c.at("n").to_number<int>()),
        burst(c.at("B").to_number<int>()),
        window(c.at("W").to_number<int>()),
        lam(c.at("lam").to_number<int>()) {}

  bool is_plain() const { return lam == workers; }
  // 0: a chunk of the worker's own; g: its coded group g.
  int number_of(int shard) const {
    const int own = workers * (window - 1) * (lam + 1);
    return !multiplexed || is_plain() || shard < own ? 0 : (shard - own) / workers + 1;
  }

  bool multiplexed;
  int workers, burst, window, lam;
};

// A task as far as the files tell: the job of what was accepted, and what the shard says.
std::string told(int job, int number) { return fmt::format("job {}, {}", job, number); }

// What worker w was sent at `begin`.
std::vector<std::string> sent(const std::vector<Row>& tasks, int w, double begin,
                              const Code& code) {
  std::vector<std::string> out;
  for (const Row& task : tasks) {
    if (std::stoi(task.at("worker")) != w) continue;
    if (std::abs(std::stod(task.at("dispatched")) - begin) > 1e-6) continue;
    const std::string& outcome = task.at("outcome");
    if (outcome == "accepted")
      out.push_back(
          told(std::stoi(task.at("round")) - 1, code.number_of(std::stoi(task.at("shard")))));
    else
      out.emplace_back(code.is_plain() && outcome == "discarded" ? "repeated" : "lost");
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> worked(const json::value& round, int w, const Code& code) {
  std::vector<std::string> out;
  const json::array& late = round.at("stragglers").as_array();
  const bool straggles = std::find(late.begin(), late.end(), json::value(w)) != late.end();
  const json::array& slots = round.at("tasks").at(static_cast<std::size_t>(w)).as_array();
  for (int slot = 0; slot < static_cast<int>(slots.size()); ++slot) {
    const int number = slots[static_cast<std::size_t>(slot)].to_number<int>();
    if (number < 0) continue;
    if (straggles)
      out.emplace_back("lost");
    else if (!code.multiplexed)
      out.push_back(told(number, 0));
    else if (code.is_plain() && number > 0)
      out.emplace_back("repeated");
    else
      out.push_back(told(round.at("round").to_number<int>() - slot, number));
  }
  std::sort(out.begin(), out.end());
  return out;
}

class SequentialByCommand : public Program {
 protected:
  const json::object vectors =
      json::parse(read_text(std::string(LAGGARD_TESTS_DIR) + "/vectors/sequential.json"))
          .as_object();

  // The recorded times that a run meets: all that a worker takes for a list goes to the first of
  // its tasks.
  std::string trace_of(const json::object& c) const {
    std::string text = "worker,dispatched,started,finished,arrived,outcome\n";
    const json::array& delays = vectors.at("delays").as_array();
    for (std::size_t w = 0; w < delays.size(); ++w)
      for (const json::value& each : c.at("rounds").as_array()) {
        const auto round = each.at("round").to_number<std::size_t>();
        const double begin = 10.0 * static_cast<double>(round);
        double takes = delays.at(w).at(round).to_number<double>();
        for (const json::value& slot : each.at("tasks").at(w).as_array()) {
          if (slot.to_number<int>() < 0) continue;
          text += fmt::format("{0},{1:.3f},{1:.3f},{2:.3f},{2:.3f},accepted\n", w, begin,
                              begin + takes);
          takes = 0;
        }
      }
    return text;
  }

  std::vector<std::string> arguments(const json::object& c) const {
    write_text(path("times.csv"), trace_of(c));
    const Code code(c);
    return {"--synthetic",    "n=400,d=5",
            "--method",       "gd",
            "--regularizer",  "l2:1",
            "--stop",         "none",
            "--workers",      std::to_string(code.workers),
            "--max-rounds",   std::to_string(c.at("jobs").to_number<int>()),
            "--protocol",     "sequential",
            "--code",         std::string(c.at("code").as_string()),
            "--burst",        std::to_string(code.burst),
            "--window",       std::to_string(code.window),
            "--lam",          std::to_string(code.lam),
            "--wait",         "model",
            "--mu",           fmt::format("{}", c.at("mu").to_number<double>()),
            "--straggler",    "trace:" + path("times.csv"),
            "--latency",      "0",
            "--bandwidth",    "inf",
            "--service-time", "0",
            "--cold-start",   "0",
            "--quiet",        "--overwrite",
            "--output",       path("run")};
  }
};

TEST_F(SequentialByCommand, FollowsTheWorkedNumbers) {
  for (const json::value& value : vectors.at("runs").as_array()) {
    const json::object& c = value.as_object();
    const Code code(c);
    SCOPED_TRACE(fmt::format("{} {} {}", code.multiplexed, code.window, code.lam));
    ASSERT_EQ(run(arguments(c)), 3) << err();
    const std::vector<Row> updates = rows_of(read_text(path("run/iterations.csv")));
    const std::vector<Row> tasks = rows_of(gunzip(path("run/workers.csv.gz")));
    EXPECT_EQ(updates.size(), c.at("jobs").to_number<std::size_t>());
    double now = 0;
    std::size_t seen = 0;
    for (const json::value& round : c.at("rounds").as_array()) {
      SCOPED_TRACE(round.at("round").to_number<int>());
      for (int w = 0; w < code.workers; ++w) {
        const std::vector<std::string> list = worked(round, w, code);
        EXPECT_EQ(sent(tasks, w, now, code), list) << "worker " << w;
        seen += list.size();
      }
      now += round.at("seconds").to_number<double>();
      const json::value& job = round.at("decodes");
      if (job.is_null()) continue;
      EXPECT_NEAR(std::stod(updates.at(job.to_number<std::size_t>()).at("virtual_s")), now, 1e-9);
    }
    EXPECT_NEAR(now, c.at("total_seconds").to_number<double>(), 1e-9);
    EXPECT_EQ(tasks.size(), seen);
  }
}

// With lambda = W nothing is decoded: each model is that of a run of its own, bit for bit.
TEST_F(SequentialByCommand, TrainsAModelALambdaOnEveryFleet) {
  const std::vector<std::string> problem = {
      "--data",      std::string(LAGGARD_DATA_DIR) + "/heart.svm.gz",
      "--method",    "fista",
      "--workers",   "4",
      "--stop",      "none",
      "--straggler", "none",
      "--reference", "auto",
      "--json",      "--quiet"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), problem.begin(), problem.end());
    EXPECT_EQ(run(more), 3) << err();
    return result().as_object();
  };
  std::vector<json::object> alone;
  for (const char* h : {"l1:0.5", "l1:4"})
    alone.push_back(with({"--regularizer", h, "--max-rounds", "15"}));
  for (const char* fleet : {"sim", "threads", "local"}) {
    SCOPED_TRACE(fleet);
    const json::object out =
        with({"--regularizer", "l1:1", "--protocol", "sequential", "--code", "multiplexed", "--lam",
              "4", "--model-lambdas", "0.5,4", "--max-rounds", "30", "--fleet", fleet, "--output",
              path(fleet)});
    EXPECT_TRUE(out.at("reference_objective").is_null());
    const json::array& models = out.at("models").as_array();
    ASSERT_EQ(models.size(), 2u);
    for (std::size_t m = 0; m < 2; ++m) {
      const json::object& model = models[m].as_object();
      EXPECT_EQ(model.at("regularizer"), alone[m].at("configuration").at("regularizer"));
      for (const char* key : {"objective", "reference_objective", "gap"})
        EXPECT_EQ(model.at(key), alone[m].at(key)) << key;
      EXPECT_GT(model.at("gap").to_number<double>(), 1e-6);
      EXPECT_EQ(model.at("last_round"), 29 + m);
    }
    EXPECT_EQ(out.at("objective"), models[1].at("objective")) << "the last one";
    const std::vector<Row> rows = rows_of(read_text(path(fleet) + "/iterations.csv"));
    ASSERT_EQ(rows.size(), 30u);
    for (std::size_t m = 0; m < 2; ++m)
      EXPECT_EQ(std::stod(rows[28 + m].at("gap")), models[m].at("gap").to_number<double>());
    EXPECT_EQ(out.at("iterate_digest"),
              with({"--regularizer", "l1:1", "--protocol", "sequential", "--code", "multiplexed",
                    "--lam", "4", "--model-lambdas", "0.5,4", "--max-rounds", "30"})
                  .at("iterate_digest"));
  }
}

// compare goes by the gaps of the run, as no one optimum is that of all its rows.
TEST_F(SequentialByCommand, GapsOfItsModelsAreTheirOwn) {
  const auto kept = [&](const char* seed, const char* lambdas) {
    EXPECT_EQ(run({"--data", std::string(LAGGARD_DATA_DIR) + "/heart.svm.gz", "--method", "fista",
                   "--workers", "4", "--protocol", "sequential", "--model-lambdas", lambdas,
                   "--target-gap", "1e-3", "--seed", seed, "--quiet", "--output",
                   path(std::string("all/") + lambdas + seed)}),
              0)
        << err();
    int round = 0;
    for (const Row& row :
         rows_of(read_text(path(std::string("all/") + lambdas + seed) + "/iterations.csv"))) {
      ++round;
      if (std::stod(row.at("gap")) <= 1e-2) return round;
    }
    return 0;
  };
  const int first = kept("1", "0.1,10"), second = kept("2", "3,0.2");
  EXPECT_NE(first, second);
  ASSERT_EQ(run({"compare", "seed=1", "seed=2", "--in", path("all"), "--gap", "1e-2", "--json"}), 0)
      << err();
  const json::value rounds = result().at("measures").at(3);
  ASSERT_EQ(rounds.at("measure").as_string(), "rounds");
  EXPECT_EQ(rounds.at("groups").at(0).at("values").at(0).to_number<int>(), first);
  EXPECT_EQ(rounds.at("groups").at(1).at("values").at(0).to_number<int>(), second);
}

TEST_F(SequentialByCommand, DecodesToWhatIsPromised) {
  for (const json::value& value : vectors.at("decode_errors").as_array()) {
    const json::object& c = value.as_object();
    const int n = c.at("n").to_number<int>(), s = c.at("s").to_number<int>();
    ASSERT_EQ(run({"--synthetic", "n=400,d=5", "--workers", std::to_string(n), "--method", "gd",
                   "--regularizer", "l2:1", "--stop", "none", "--max-rounds", "60", "--protocol",
                   "sequential", "--lam", std::to_string(2 * s), "--straggler",
                   "invocations:p_round=0.1", "--json"}),
              3)
        << err();
    const double bound = c.at("decode_error_below").to_number<double>();
    EXPECT_LE(result().at("decode_error").to_number<double>(), bound) << n;
    EXPECT_GE(result().at("tasks_wasted").to_number<int>(), 1) << n;
  }
}

}  // namespace
}  // namespace laggard
