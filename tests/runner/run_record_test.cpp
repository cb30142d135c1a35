// run.json: what a run is, when it is written, and the same run again from it.
#include "core/results/numeric_revision.hpp"
#include "core/results/run_directory.hpp"
#include "runners/runner/command_line.hpp"
#include "runners/runner/identity.hpp"
#include "runners/runner/options.hpp"
#include "tests/runner/program.hpp"

#include <gmock/gmock.h>
#include <boost/json/serialize.hpp>

#include <fstream>

namespace laggard {
namespace {

using testing::HasSubstr;
using Arguments = std::vector<std::string>;

std::string id_of(const Arguments& arguments, std::string_view data = "d") {
  return cell_id(parse_command_line(arguments).config, data);
}

TEST(CellId, IsThatOfTheOptionsThatDecideResults) {
  const std::string usual = id_of({});
  EXPECT_EQ(usual, "af67cfaee94f7d42")
      << "runs that were kept are no longer found. Right with a new default "
         "or numeric revision; an option that is new belongs to kJoined";
  EXPECT_EQ(id_of({"--workers", "16", "--seed", "1"}), usual) << "defaults, spelled out";
  EXPECT_EQ(id_of({"--output", "x", "--quiet", "--json", "--checkpoint", "c", "--every", "3"}),
            usual);
  EXPECT_NE(id_of({"--seed", "2"}), usual);
  EXPECT_NE(id_of({"--protocol", "backup"}), usual);
  EXPECT_NE(id_of({"--fleet", "threads"}), usual);
  EXPECT_NE(id_of({"--topology", "tree"}), usual);
  EXPECT_NE(id_of({}, "e"), usual);
  EXPECT_EQ(id_of({"--seed", "2", "--workers", "4"}), id_of({"--workers", "4", "--seed", "2"}));
}

// Where a file lies is nothing; what is in it is all.
TEST(CellId, NamesFilesByTheirContent) {
  TemporaryDirectory temporary;
  const std::string data = std::string(LAGGARD_DATA_DIR) + "/heart.svm.gz";
  const auto with_data = [](const std::string& file) {
    const RunConfig config = parse_command_line({"--data", file}).config;
    return cell_id(config, data_sha256(config));
  };
  std::filesystem::copy_file(data, temporary.path() / "copy.svm.gz");
  EXPECT_EQ(with_data(data), with_data("heart"));
  EXPECT_EQ(with_data(data), with_data((temporary.path() / "copy.svm.gz").string()));
  EXPECT_NE(with_data(data), with_data("mushrooms"));

  const auto with_trace = [&](const std::string& name) {
    return id_of({"--straggler", "trace:" + (temporary.path() / name).string(), "--workers", "1"});
  };
  const std::string header =
      "round,worker,shard,dispatched,started,finished,arrived,compute,pause,idle,delay,"
      "communication,queueing,passes,inner_iterations,dense_work,staleness,outcome\n";
  const std::string row = "1,0,0,0,0.1,0.2,0.3,0.1,0,0,0.3,0.2,0,3,1,0,accepted\n";
  const std::string other = "1,0,0,0,0.1,0.4,0.5,0.3,0,0,0.5,0.2,0,3,1,0,accepted\n";
  write_text(temporary.path() / "a.csv", header + row);
  write_text(temporary.path() / "b.csv", header + row);
  write_text(temporary.path() / "c.csv", header + other);
  EXPECT_EQ(with_trace("a.csv"), with_trace("b.csv"));
  EXPECT_NE(with_trace("a.csv"), with_trace("c.csv"));
}

TEST(CellId, EveryOptionOfOutputIsNoPartOfIt) {
  for (const RunOption& option : options()) {
    if (option.group == group::kOutput) {
      EXPECT_EQ(decides_results(option.name), option.name == "resume") << option.name;
    }
  }
  EXPECT_FALSE(decides_results("data"));
  EXPECT_TRUE(decides_results("seed"));
  EXPECT_TRUE(decides_results("tau"));
}

class RunRecord : public Program {
 protected:
  boost::json::object record(const std::string& directory) const {
    return boost::json::parse(read_text(path(directory + "/run.json"))).as_object();
  }
  void expect_refused(const Arguments& arguments, const std::string& message) {
    EXPECT_EQ(run(arguments), 2);
    EXPECT_EQ(err(), "runner: " + message + "\n");
  }

  // Of a resolved configuration, all that decides the run.
  static std::string decisive(const boost::json::object& record) {
    boost::json::object kept;
    for (const auto& [name, value] : record.at("configuration").as_object())
      if (decides_results(name)) kept[name] = value;
    return boost::json::serialize(kept);
  }
};

TEST_F(RunRecord, IsOfThisSchemaAndSaysWhatTheRunWas) {
  ASSERT_EQ(run({"--workers", "4", "--output", path("run")}), 0) << err();
  const boost::json::object kept = record("run");
  EXPECT_EQ(kept.at("schema"), kRunSchema);
  EXPECT_EQ(kept.at("numeric_revision"), kNumericRevision);
  EXPECT_EQ(kept.at("status"), "finished");
  EXPECT_EQ(kept.at("exit_code"), 0);
  EXPECT_EQ(kept.at("host_cores").to_number<unsigned>(), std::thread::hardware_concurrency());
  const std::string started(kept.at("started").as_string());
  EXPECT_THAT(started, testing::ContainsRegex("^20..-..-..T..:..:..Z$"));
  EXPECT_LE(started, std::string(kept.at("ended").as_string()));
  EXPECT_EQ(kept.at("id").as_string(), id_of({"--workers", "4"}, ""));
}

TEST_F(RunRecord, RepeatsTheRunExactly) {
  const std::vector<Arguments> runs = {
      {"--workers", "4"},
      {"--protocol", "async", "--tau", "4", "--workers", "8", "--seed", "5"},
      {"--protocol", "coded", "--code", "cyclic", "--redundancy", "2", "--method", "fista"},
      {"--data", std::string(LAGGARD_DATA_DIR) + "/heart.svm.gz", "--target-gap", "1e-3",
       "--workers", "4"},
      {"--protocol", "backup", "--straggler", "bimodal:p=0.05,factor=10", "--latency", "0.01"},
      {"--fleet-model", "cluster", "--solver", "fista", "--stop", "boyd", "--max-rounds", "30"},
  };
  int number = 0;
  for (const Arguments& each : runs) {
    const std::string first = fmt::format("first{}", ++number), second = first + "again";
    Arguments arguments = each;
    arguments.insert(arguments.end(), {"--output", path(first)});
    const int code = run(arguments);
    ASSERT_TRUE(code == 0 || code == 3) << err();
    ASSERT_EQ(run({"--config", path(first + "/run.json"), "--output", path(second)}), code)
        << err();
    const auto before = record(first), after = record(second);
    for (const char* key : {"id", "iterate_digest", "schedule_digest", "virtual_seconds"})
      EXPECT_EQ(before.at(key), after.at(key)) << key << " of " << number;
    EXPECT_EQ(decisive(before), decisive(after));
  }
}

TEST_F(RunRecord, IsThereWhileTheRunGoesOnAndRepeatsItAfterAKill) {
  const pid_t child = start_endless();
  EXPECT_EQ(status_of_run(path("run")), "running");
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  EXPECT_EQ(wait(child), -SIGKILL);
  EXPECT_EQ(status_of_run(path("run")), "interrupted");
  const auto killed = record("run");
  EXPECT_EQ(killed.at("status"), "running");
  EXPECT_TRUE(killed.at("ended").is_null());
  // In the same folder: the run that was killed need not be overwritten.
  ASSERT_EQ(run({"--config", path("run/run.json"), "--output", path("run"), "--max-rounds", "3"}),
            3)
      << err();
  EXPECT_EQ(record("run").at("rounds"), 3);
  EXPECT_EQ(record("run").at("configuration").at("workers"), 4);
}

TEST_F(RunRecord, AnInterruptedRunIsNoFinishedOne) {
  const pid_t child = start_endless();
  ASSERT_EQ(::kill(child, SIGINT), 0);
  EXPECT_EQ(wait(child), 130) << err();
  EXPECT_EQ(record("run").at("status"), "interrupted");
  EXPECT_EQ(record("run").at("exit_code"), 130);
  EXPECT_EQ(run({"--output", path("run")}), 2);
  EXPECT_THAT(err(), HasSubstr("holds an interrupted run: run.json; expected another directory, "
                               "or --overwrite\n"));
}

TEST_F(RunRecord, WithASecretCutOutItAsksForItAgain) {
  ASSERT_EQ(run({"--workers", "2", "--fleet", "sim", "--max-rounds", "1", "--output", path("run")}),
            3)
      << err();
  std::string text = read_text(path("run/run.json"));
  const std::string fleet = "\"fleet\": \"sim\",\n    \"workers\"";
  const std::size_t at = text.find(fleet);
  ASSERT_NE(at, text.npos);
  text.replace(at, fleet.size(),
               "\"fleet\": \"local\", \"shard-source\": \"http://...@127.0.0.1/rows?...\", "
               "\"workers\"");
  write_text(path("secret.json"), text);
  expect_refused({"--config", path("secret.json")},
                 path("secret.json") +
                     ": shard-source: http://...@127.0.0.1/rows?... holds no secrets; give "
                     "--shard-source again on the command line");
  EXPECT_EQ(
      run({"--config", path("secret.json"), "--shard-source", "coordinator", "--print-config"}), 0)
      << err();
}

// The numbers of revision kNumericRevision. Where they change, the revision is to be raised.
TEST_F(RunRecord, NumbersAreThoseOfTheNumericRevision) {
  ASSERT_EQ(run({"--workers", "4", "--synthetic", "n=400,d=20,density=0.3", "--stop", "none",
                 "--max-rounds", "20", "--json", "--quiet"}),
            3)
      << err();
  EXPECT_EQ(kNumericRevision, 4);
  EXPECT_EQ(result().at("iterate_digest").as_string(), "0a2aa9c96f8ba981");
}

}  // namespace
}  // namespace laggard
