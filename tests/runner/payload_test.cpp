// Timing alone: tasks that take time and weigh bytes.                                [math 16]
#include "tests/runner/program.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;
using Arguments = std::vector<std::string>;

class Payload : public Program {
 protected:
  json::object ended(const Arguments& more, int code = 0) {
    Arguments all = {"--method", "payload", "--json", "--quiet"};
    all.insert(all.end(), more.begin(), more.end());
    EXPECT_EQ(run(all), code) << err();
    return result().as_object();
  }
  std::string refused(const Arguments& more) {
    Arguments all = {"--method", "payload"};
    all.insert(all.end(), more.begin(), more.end());
    EXPECT_EQ(run(all), 2);
    return err();
  }
};

// Nothing else takes any time.
const Arguments kIdeal = {"--latency",    "0", "--bandwidth", "inf", "--service-time", "0",
                          "--cold-start", "0", "--straggler", "none"};

Arguments with(Arguments some, const Arguments& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

// 7 batches of 3 workers; 1001 is no number of doubles.
TEST_F(Payload, WeighsTheSameOnEveryFleetToTheByte) {
  std::set<std::string> digests;
  for (const char* fleet : {"sim", "threads", "local"}) {
    const json::object out = ended({"--model", "bytes:1001", "--compute-seconds", "0.002",
                                    "--batches", "7", "--workers", "3", "--fleet", fleet});
    EXPECT_EQ(out.at("bytes_up"), 7 * 3 * (1001 + 64)) << fleet;
    EXPECT_EQ(out.at("bytes_down"), 7 * 3 * (1001 + 64)) << fleet;
    EXPECT_EQ(out.at("rounds"), 7);
    EXPECT_EQ(out.at("tasks"), 21);
    EXPECT_EQ(out.at("stop_reason"), "method_ended");
    EXPECT_GE(out.at("virtual_seconds").to_number<double>(), 7 * 0.002);
    EXPECT_TRUE(out.at("objective").is_null());
    digests.emplace(out.at("iterate_digest").as_string());
    ASSERT_EQ(out.at("notices").as_array().size(), 1);
    EXPECT_TRUE(out.at("notices").at(0).as_string().starts_with("nothing is trained"));
  }
  EXPECT_EQ(digests.size(), 1);
}

TEST_F(Payload, ModelsAreThoseOfLambdaMl) {
  const json::object mobilenet = ended(with(kIdeal, {"--workers", "10"}));
  EXPECT_EQ(mobilenet.at("rounds"), 43) << "an epoch of CIFAR-10";
  EXPECT_EQ(mobilenet.at("bytes_up"), 43 * 10 * (12'868'904LL + 64));
  EXPECT_NEAR(mobilenet.at("virtual_seconds").to_number<double>(), 43 * 0.7, 1e-9);
  const json::object resnet = ended(with(kIdeal, {"--workers", "2", "--model", "resnet50",
                                                  "--compute-seconds", "3", "--batches", "1"}));
  EXPECT_EQ(resnet.at("bytes_up"), 2 * (94'083'368LL + 64));
}

// c times what a straggler does, the way of N + 64 bytes down and up, and nothing else.
TEST_F(Payload, TakesWhatItIsSaidToTake) {
  Arguments plain = with(kIdeal, {"--workers", "1", "--model", "bytes:999936", "--batches", "5",
                                  "--compute-seconds", "0.25"});
  const auto seconds = [&](const Arguments& more) {
    return ended(with(plain, more)).at("virtual_seconds").to_number<double>();
  };
  EXPECT_NEAR(seconds({}), 5 * 0.25, 1e-8);
  EXPECT_NEAR(seconds({"--latency", "0.01"}), 5 * (0.25 + 2 * 0.01), 1e-8);
  EXPECT_NEAR(seconds({"--bandwidth", "10e6", "--coordinator-bandwidth", "inf"}),
              5 * (0.25 + 2 * 0.1), 1e-8);
  EXPECT_NEAR(seconds({"--straggler", "bimodal:p=1,factor=3"}), 5 * 0.75, 1e-8);
  EXPECT_NEAR(seconds({"--straggler", "fixed:2"}), 5 * 2, 1e-8);
}

TEST_F(Payload, GoesWithEveryProtocol) {
  const Arguments base = with(kIdeal, {"--workers", "4", "--model", "bytes:10000", "--batches", "8",
                                       "--compute-seconds", "0.5"});
  const auto times = [&](const Arguments& more) {
    const json::object out = ended(with(base, more));
    EXPECT_EQ(out.at("rounds"), 8);
    return out.at("virtual_seconds").to_number<double>();
  };
  EXPECT_NEAR(times({"--protocol", "sync"}), 8 * 0.5, 1e-8);
  EXPECT_NEAR(times({"--protocol", "backup"}), 8 * 0.5, 1e-8);
  // Who answers is sent the next one: four updates at each multiple of c.
  EXPECT_NEAR(times({"--protocol", "async", "--tau", "none"}), 2 * 0.5, 1e-8);
  EXPECT_NEAR(times({"--protocol", "partial_barrier", "--drop", "1", "--tau", "none", "--straggler",
                     "fixed:0.5,0.5,0.5,7"}),
              8 * 0.5, 1e-8);
  EXPECT_NEAR(
      times({"--protocol", "coded", "--redundancy", "1", "--straggler", "fixed:0.5,7,0.5,7"}),
      8 * 0.5, 1e-8);
  EXPECT_NEAR(times({"--protocol", "multi_message", "--redundancy", "0"}), 8 * 0.5, 1e-8);
  // A sum of s + 1 shards takes so many times as long.
  EXPECT_NEAR(times({"--protocol", "coded", "--code", "cyclic", "--redundancy", "1"}), 8 * 2 * 0.5,
              1e-8);
  EXPECT_NEAR(times({"--protocol", "approximate", "--redundancy", "2"}), 8 * 2 * 0.5, 1e-8);
  EXPECT_EQ(ended(with(base, {"--protocol", "partial_coded"})).at("rounds"), 8);
  // Two models take turns, each of 8 batches.
  EXPECT_EQ(ended(with(base, {"--protocol", "sequential"})).at("rounds"), 16);
}

// The word to stop comes at 0.5 s; who does not hear it would take 3 s.
TEST_F(Payload, WhoIsToldToStopStops) {
  for (const char* fleet : {"sim", "threads", "local"}) {
    const json::object out =
        ended({"--workers", "2", "--model", "bytes:100", "--batches", "3", "--compute-seconds",
               "0.05", "--protocol", "coded", "--redundancy", "1", "--fleet", fleet, "--straggler",
               "persistent:share=0.5,factor=1000"});
    EXPECT_LT(out.at("solving_seconds").to_number<double>(), 40) << fleet;
    EXPECT_EQ(out.at("tasks_wasted"), 3) << fleet;
  }
}

// Its configuration repeats it, and leaves nothing of it to another method.
TEST_F(Payload, ItsConfigurationIsOne) {
  const json::object first = ended({"--workers", "3", "--model", "bytes:10", "--compute-seconds",
                                    "0.1", "--batches", "4", "--output", path("run")});
  ASSERT_EQ(run({"--config", path("run/run.json"), "--output", path("again"), "--json"}), 0);
  EXPECT_EQ(result().at("schedule_digest"), first.at("schedule_digest"));
  EXPECT_EQ(result().at("configuration").at("batches"), 4);
  ASSERT_EQ(run({"--config", path("run/run.json"), "--output", path("admm"), "--json", "--method",
                 "admm"}),
            0)
      << err();
  EXPECT_EQ(result().at("data").at("samples"), 20000) << "the usual problem";
  EXPECT_EQ(result().at("configuration").at("max-tasks"), 3000) << "and the usual limit";
}

TEST_F(Payload, SaysThatNothingIsTrained) {
  ASSERT_EQ(run(with(kIdeal, {"--method", "payload", "--workers", "3", "--batches", "2"})), 0);
  EXPECT_NE(out().find("trained    nothing: these are times and bytes alone"), std::string::npos)
      << out();
  EXPECT_EQ(out().find("\nobjective"), std::string::npos) << out();
}

// What stands in for a problem is told to nobody.
TEST_F(Payload, ItsRowsHaveNoObjective) {
  for (const char* fleet : {"sim", "threads", "local"}) {
    ASSERT_EQ(
        run({"--method", "payload", "--workers", "2", "--model", "bytes:10", "--compute-seconds",
             "0.001", "--batches", "3", "--fleet", fleet, "--output", path(fleet)}),
        0)
        << err();
    std::stringstream screen(out()), file(read_text(path(fleet) + "/iterations.csv"));
    int shown = 0, kept = 0;
    for (std::string line; std::getline(screen, line);) {
      std::stringstream words(line);
      std::string round, seconds, objective;
      words >> round >> seconds >> objective;
      if (round.find_first_not_of("0123456789") != round.npos || seconds.empty()) continue;
      EXPECT_EQ(objective, "-") << line;
      ++shown;
    }
    std::string line;
    std::getline(file, line);
    ASSERT_TRUE(line.starts_with("round,virtual_s,wall_s,objective,gap,")) << line;
    while (std::getline(file, line)) {
      std::stringstream cells(line);
      std::string cell;
      for (int column = 0; column < 4; ++column) std::getline(cells, cell, ',');
      EXPECT_EQ(cell, "") << line;
      ++kept;
    }
    EXPECT_EQ(kept, 3) << fleet;
    EXPECT_GE(shown, 1) << out();
  }
}

TEST_F(Payload, RefusesWhatMeansNothing) {
  EXPECT_EQ(refused({"--model", "bytes:0"}),
            "runner: --model: bytes: 0 is out of range; expected an integer from 1 to "
            "4294967296\n");
  EXPECT_EQ(refused({"--model", "vgg"}),
            "runner: --model: vgg is no model; expected mobilenet, resnet50 or bytes:N\n");
  EXPECT_EQ(refused({"--model", "resnet50"}),
            "runner: --compute-seconds: not given; expected what a batch of resnet50 takes\n");
  EXPECT_EQ(refused({"--data", "heart"}),
            "runner: --data: has no effect with --method payload, which trains nothing\n");
  for (const auto& [option, value] : std::map<std::string, std::string>{{"--target-gap", "1e-3"},
                                                                        {"--eps-gap", "1e-3"},
                                                                        {"--wire", "f32"},
                                                                        {"--max-passes", "5"}})
    EXPECT_EQ(
        refused({option, value}),
        "runner: " + option + ": has no effect with --method payload, which trains nothing\n");
  EXPECT_EQ(refused({"--batches", "0"}).rfind("runner: --batches: 0 is out of range", 0), 0);
}

}  // namespace
}  // namespace laggard
