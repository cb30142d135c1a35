// Fleet models: the files, what overrides them, and that the simulated fleet takes what they say.
#include "runners/runner/fleet_model.hpp"

#include "core/io/error.hpp"
#include "core/problem/text_stream.hpp"
#include "runners/runner/command_line.hpp"
#include "tests/runner/program.hpp"

#include <gmock/gmock.h>
#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

namespace laggard {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string lambda_text() { return find_fleet_model("lambda", "test").json; }

// The text with the first `from` replaced.
std::string with(std::string from, const std::string& to) {
  std::string text = lambda_text();
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text) {
  try {
    parse_fleet_model(text, "f.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

RunConfig parse(const std::string& text) {
  std::istringstream in(text);
  return parse_command_line({std::istream_iterator<std::string>(in), {}}).config;
}

TEST(FleetModel, EachThatIsBuiltInHasAllConstantsWithASource) {
  std::size_t constants = 0;
  for (const FleetModel& model : fleet_models()) {
    EXPECT_FALSE(model.summary.empty()) << model.name;
    constants = std::max(constants, model.constants.size());
    for (const FleetConstant& constant : model.constants)
      EXPECT_GT(constant.source.size(), 20U) << model.name << ' ' << constant.name;
  }
  for (const FleetModel& model : fleet_models())
    EXPECT_EQ(model.constants.size(), constants) << model.name;
  for (const char* name : {"ideal", "aj2019", "lambda", "invocations", "cluster"})
    EXPECT_EQ(find_fleet_model(name, "test").name, name);
}

TEST(FleetModel, WhatIsWrittenIsWhatWasRead) {
  for (const FleetModel& model : fleet_models()) {
    const FleetModel again = parse_fleet_model(fleet_model_text(model), "again");
    EXPECT_EQ(fleet_model_text(again), fleet_model_text(model));
    EXPECT_EQ(again.price, model.price);
    for (std::size_t i = 0; i < model.constants.size(); ++i)
      EXPECT_EQ(again.constants[i].value, model.constants[i].value) << model.constants[i].name;
  }
}

TEST(FleetModel, WhatIsWrongIsToldWithItsLine) {
  EXPECT_EQ(refusal(with("\"fleet_model\": 1", "\"fleet_model\": 2")),
            "f.json:2: fleet_model: 2 is another version of the format; expected 1");
  EXPECT_THAT(refusal("{\n\"latency\": {\"value\": 1}}"),
              StartsWith("f.json: no fleet model; expected \"fleet_model\": 1"));
  EXPECT_THAT(refusal(with("\"latency\"", "\"latancy\"")),
              HasSubstr("latancy.value: not a known constant; did you mean latency? expected"));
  EXPECT_THAT(refusal(with("\"latency\"", "\"latancy\"")), StartsWith("f.json:38"));
  std::string without = lambda_text();
  const std::size_t at = without.find("\"latency\"");
  without.erase(at, without.find("\"bandwidth\"") - at);
  EXPECT_EQ(refusal(without),
            "f.json: latency is missing; expected its value, unit (s) and source");
  EXPECT_EQ(refusal(with("\"value\": 0.0005,\n    \"unit\": \"s\"",
                         "\"value\": 0.5,\n    \"unit\": \"ms\"")),
            "f.json:39: latency.unit: ms does not fit; expected s");
  EXPECT_EQ(refusal(with("\"value\": 0.0005", "\"value\": -1")),
            "f.json:38: latency.value: -1 is out of range; expected a number >= 0");
  EXPECT_EQ(refusal(with("\"value\": 0.0005", "\"value\": \"soon\"")),
            "f.json:38: latency.value: soon is not a number; expected a number >= 0");
  EXPECT_EQ(refusal(with("\"value\": 0.0005,", "")),
            "f.json:40: latency: no value; expected value, unit and source of each constant");
  EXPECT_THAT(refusal(with("\"source\": \"Half of", "\"sauce\": \"Half of")),
              HasSubstr("latency.sauce: not a known member of a constant; expected value, unit,"));
  EXPECT_THAT(refusal(with("\"source\": \"Half of", "\"source\": \"\", \"source\": \"")),
              HasSubstr("f.json:40:19: source: given twice; the first is on line 40"));
  EXPECT_THAT(refusal(with("\"summary\": ", "\"summary\": \"\", \"low\": ")),
              HasSubstr("low: not a known member of a fleet model"));
  EXPECT_THAT(refusal(with("\"value\": \"lambda\"", "\"value\": \"lamda\"")),
              HasSubstr("straggler.value: unknown model 'lamda'"));
  EXPECT_THAT(refusal(with("\"value\": 0.0005", "\"value\": 0.0005, \"low\": 0")),
              HasSubstr("latency: half an interval; expected low and high, or neither"));
  EXPECT_THAT(refusal(with("\"value\": 0.0005", "\"value\": 0.0005, \"low\": 1, \"high\": 2")),
              HasSubstr("latency.value: 0.0005 is not between low and high"));
  EXPECT_THAT(refusal(with("\"value\": 64,\n    \"unit\": \"workers\"",
                           "\"value\": 1.5,\n    \"unit\": \"1\"")),
              HasSubstr("masters.value: 1.5 is no number of masters; expected an integer"));
  EXPECT_THAT(refusal(with("\"value\": 64,", "\"value\": 2.5,")),
              HasSubstr("masters.value: 2.5 is no number of workers; expected an integer"));
  EXPECT_EQ(refusal(with("\"price\": \"lambda\"", "\"price\": \"ec2\"")),
            "f.json:5: price: ec2 is not known; expected lambda, or no price");
  // The interval of a straggler model is that of its one number.
  const std::string straggler = "\"value\": \"lambda\"";
  const auto with_interval = [&](const std::string& spec) {
    return refusal(with(straggler, "\"value\": \"" + spec + "\", \"low\": 0.1, \"high\": 0.3"));
  };
  EXPECT_EQ(with_interval("lognormal:sigma=0.2"), "accepted");
  EXPECT_THAT(with_interval("lognormal:sigma=0.4"),
              HasSubstr("straggler.value: lognormal:sigma=0.4 is not between low and high"));
  EXPECT_THAT(with_interval("bimodal"), HasSubstr("straggler.low: low and high of bimodal:p=0.05"));
  EXPECT_THAT(refusal("[]"), StartsWith("f.json:1: an array; expected a fleet model"));
  EXPECT_THAT(refusal(lambda_text().substr(0, 400)), HasSubstr("ends too early"));
}

TEST(FleetModel, OptionsOverrideIt) {
  const RunConfig lambda = parse("--workers 129");
  EXPECT_EQ(lambda.fleet.sim.network.latency, 0.5e-3);
  EXPECT_EQ(lambda.fleet.sim.network.masters, 3);
  EXPECT_EQ(lambda.fleet.straggler, "lambda:p_tail=0.018,sigma_host=0.05");
  const RunConfig ideal = parse("--fleet-model ideal --latency 0.25 --straggler bimodal");
  EXPECT_EQ(ideal.fleet.sim.network.latency, 0.25);
  EXPECT_EQ(ideal.fleet.straggler, "bimodal:p=0.05,factor=10");
  EXPECT_EQ(ideal.fleet.sim.network.bandwidth, kInfinity);
  EXPECT_EQ(ideal.fleet.sim.work.task_overhead, 0);
  // `inf` for the one link sets the other only where someone asks for it.
  EXPECT_EQ(parse("--bandwidth inf").fleet.sim.network.coordinator_bandwidth, kInfinity);
  // It is about sim alone.
  EXPECT_EQ(parse("--fleet local --fleet-model ideal").fleet.function.invoke_rate, 100);
  EXPECT_THAT(
      parse("--fleet threads --fleet-model ideal").notices,
      ::testing::ElementsAre("--fleet-model has no effect on --fleet threads, only on sim"));
}

class FleetModels : public Program {
 protected:
  static std::string read_gzip(const std::string& file) {
    TextStream stream(file);
    std::string text(1 << 20, ' ');
    text.resize(stream.read(text));
    return text;
  }
};

TEST_F(FleetModels, AnUnknownNameAndAFileThatIsNotThereAreOneLineEach) {
  EXPECT_EQ(run({"--fleet-model", "lamda"}), 2);
  EXPECT_THAT(err(), StartsWith("runner: --fleet-model: lamda is not a known fleet model; did you "
                                "mean lambda? expected "));
  EXPECT_EQ(run({"--fleet-model", path("none.json")}), 2);
  EXPECT_THAT(err(), StartsWith("runner: --fleet-model: cannot read "));
  EXPECT_EQ(run({"fleets", "lamda"}), 2);
  EXPECT_THAT(err(), StartsWith("runner: fleets: lamda is not a known"));
  EXPECT_EQ(run({"fleets", "--json"}), 2);
}

TEST_F(FleetModels, AreListedAndPrintedWithTheirSources) {
  ASSERT_EQ(run({"fleets"}), 0);
  for (const FleetModel& model : fleet_models()) EXPECT_THAT(out(), HasSubstr(model.name));
  ASSERT_EQ(run({"fleets", "lambda"}), 0);
  EXPECT_THAT(out(), HasSubstr("latency  0.0005 s\n    Half of a round trip"));
  ASSERT_EQ(run({"fleets", "lambda", "--json"}), 0);
  EXPECT_EQ(out(), lambda_text());
}

TEST_F(FleetModels, AFileIsTakenAndNamedInEveryOutput) {
  std::ofstream(path("mine.json")) << with("\"value\": 0.0005", "\"value\": 0.125");
  const std::vector<std::string> options = {
      "--fleet-model", path("mine.json"), "--workers", "4", "--max-rounds", "2", "--stop", "none"};
  auto all = options;
  all.push_back("--print-config");
  ASSERT_EQ(run(all), 0) << err();
  EXPECT_EQ(result().at("fleet-model").as_string(), path("mine.json"));
  EXPECT_EQ(result().at("latency").to_number<double>(), 0.125);
  // A printed configuration says all, but another model on the command line replaces it.
  std::ofstream(path("printed.json")) << out();
  ASSERT_EQ(run({"--config", path("printed.json"), "--fleet-model", "ideal", "--print-config"}), 0);
  EXPECT_EQ(result().at("latency").to_number<double>(), 0);
  all = options;
  for (const char* word : {"--json", "--quiet", "--output"}) all.emplace_back(word);
  all.push_back(path("run"));
  ASSERT_EQ(run(all), 3) << err();
  EXPECT_EQ(result().at("fleet_model").as_string(), path("mine.json"));
  const auto kept = boost::json::parse(read_text(path("run/run.json")));
  EXPECT_EQ(kept.at("fleet_model").as_string(), path("mine.json"));
  EXPECT_EQ(kept.at("work_price").at("seconds_per_operation").as_double(),
            find_fleet_model("lambda", "test").at("seconds-per-operation").value);
}

// What is too long is told by whoever said it: an option, or a constant of a file.
TEST_F(FleetModels, WhatIsTooLongOnTheClockIsTheConstantOfTheFile) {
  const auto refused = [&](const std::string& constant, double value,
                           const std::vector<std::string>& more = {}) {
    FleetModel model = find_fleet_model("lambda", "test");
    for (FleetConstant& each : model.constants)
      if (each.name == constant) each.value = value;
    std::ofstream(path("mine.json")) << fleet_model_text(model);
    std::vector<std::string> all = {"--fleet-model", path("mine.json"), "--synthetic",
                                    "n=200,d=20",    "--workers",       "2",
                                    "--quiet"};
    all.insert(all.end(), more.begin(), more.end());
    EXPECT_EQ(run(all), 2) << constant;
    return err();
  };
  const std::string file = "runner: " + path("mine.json") + ":";
  for (const char* constant :
       {"seconds-per-operation", "vector-operations", "task-overhead", "latency", "service-seconds",
        "service-seconds-per-number", "cold-start"}) {
    const std::string told = refused(constant, 1e300);
    EXPECT_THAT(told, StartsWith(file)) << constant;
    EXPECT_THAT(told, HasSubstr(std::string(": ") + constant + ".value: worker 0 would ")) << told;
  }
  EXPECT_THAT(refused("bandwidth", 1e-300),
              HasSubstr(": bandwidth.value: worker 0 would have its shard beyond "));
  EXPECT_THAT(refused("cold-start", 1e300, {"--latency", "1e-3"}),
              HasSubstr(": cold-start.value: worker 0 would start beyond "));
  EXPECT_THAT(refused("latency", 1, {"--latency", "1e300"}),
              StartsWith("runner: --latency: worker 0 would still be at its task after "));
  EXPECT_THAT(refused("latency", 1, {"--straggler", "pareto:alpha=0.1,xmin=1e6"}),
              StartsWith("runner: --straggler: worker "));
  std::ofstream(path("mine.json")) << with("\"value\": \"lambda\"", "\"value\": \"trace:none.gz\"");
  EXPECT_EQ(run({"--fleet-model", path("mine.json"), "--quiet"}), 2);
  EXPECT_THAT(err(), StartsWith(file));
  EXPECT_THAT(err(), HasSubstr(": straggler.value trace: none.gz: cannot be read; expected "));
}

// Where workers are no functions, nothing is told to cost anything.
TEST_F(FleetModels, OnlyFunctionsHaveAPrice) {
  for (const FleetModel& model : fleet_models()) {
    const bool priced = model.name == "lambda" || model.name == "invocations";
    std::vector<std::string> all = {"--fleet-model", model.name, "--synthetic", "n=200,d=20",
                                    "--max-rounds",  "2",        "--stop",      "none"};
    ASSERT_EQ(run(all), 3) << err();
    EXPECT_EQ(out().find(" $ at list price") != std::string::npos, priced) << model.name;
    all.emplace_back("--json");
    ASSERT_EQ(run(all), 3) << err();
    EXPECT_EQ(result().at("cost").is_object(), priced) << model.name;
    ASSERT_EQ(run({"fleets", model.name}), 0);
    EXPECT_THAT(out(), HasSubstr(priced ? "\nprice  lambda" : "\nprice  none")) << model.name;
  }
}

// On `ideal` a round of sync takes what its largest task takes: passes x nonzeros of its shard and
// 5 x inner iterations x d operations. 8,000 rows of 10 nonzeros each, on 4 workers: 20,000 each.
TEST_F(FleetModels, IdealTakesTheTimeOfTheOperationsAlone) {
  ASSERT_EQ(run({"--fleet-model", "ideal", "--workers", "4", "--synthetic",
                 "n=8000,d=100,density=0.1", "--max-rounds", "5", "--stop", "none", "--json",
                 "--quiet", "--output", path("run"), "--overwrite"}),
            3)
      << err();
  const double price = find_fleet_model("ideal", "test").at("seconds-per-operation").value;
  std::istringstream rows(read_gzip(path("run/workers.csv.gz")));
  std::map<int, double> slowest;
  std::string line;
  std::getline(rows, line);
  int tasks = 0;
  for (; std::getline(rows, line); ++tasks) {
    std::istringstream fields(line);
    std::vector<std::string> all;
    for (std::string field; std::getline(fields, field, ',');) all.push_back(field);
    ASSERT_EQ(all.size(), 18U);
    const double operations =
        std::stod(all[13]) * 20'000 + 5 * std::stod(all[14]) * 100 + std::stod(all[15]);
    double& most = slowest[std::stoi(all[0])];
    most = std::max(most, operations * price);
  }
  EXPECT_EQ(tasks, 20);
  double sum = 0;
  for (const auto& [round, seconds] : slowest) sum += seconds;
  // Times are whole nanoseconds.
  EXPECT_NEAR(result().at("virtual_seconds").as_double(), sum, 5e-9);
}

}  // namespace
}  // namespace laggard
