#include "runners/runner/app.hpp"

#include "core/io/error.hpp"
#include "core/results/environment.hpp"
#include "tests/runner/scripted_run.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <new>

namespace laggard {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

Execute stopping(StopReason reason) {
  RunResult result = scripted_result(1);
  result.summary.stop = reason;
  return scripted(result);
}

template <class Exception>
Execute throwing(Exception exception) {
  return [=](const RunConfig&, RunObserver&, const std::atomic<bool>&) -> RunResult {
    throw exception;
  };
}

TEST(App, ExitCodesFollowTheStopReason) {
  const std::vector<std::pair<StopReason, int>> codes = {
      {StopReason::converged, 0},    {StopReason::rule_holds, 0}, {StopReason::target_gap, 0},
      {StopReason::target_loss, 0},  {StopReason::max_rounds, 3}, {StopReason::max_tasks, 3},
      {StopReason::max_passes, 3},   {StopReason::time_limit, 3}, {StopReason::diverged, 5},
      {StopReason::method_ended, 0}, {StopReason::not_finite, 5}, {StopReason::interrupted, 130},
      {StopReason::fleet_failed, 4}};
  for (const auto& [reason, code] : codes) {
    const auto printed = call({}, stopping(reason));
    EXPECT_EQ(printed.code, code) << to_string(reason);
    EXPECT_THAT(printed.out, HasSubstr("objective  101")) << "what was computed is printed";
  }
}

TEST(App, ExceptionsBecomeOneLineAndACode) {
  const auto bad = call({}, throwing(Error("file:3:\nwrong")));
  EXPECT_EQ(bad.code, 2);
  EXPECT_EQ(bad.err, "runner: file:3: wrong\n");
  EXPECT_EQ(bad.out, "");
  EXPECT_EQ(call({}, throwing(Deadlock("nothing in flight"))).code, 4);
  EXPECT_EQ(call({}, throwing(std::bad_alloc())).code, 4);
  const auto defect = call({}, throwing(InvariantViolation("x")));
  EXPECT_EQ(defect.code, 70);
  EXPECT_EQ(defect.err, "runner: internal error: x\n");
  const auto early = call({}, throwing(Error("no certificate")), {}, true);
  EXPECT_EQ(early.code, 130);
  EXPECT_EQ(early.err, "runner: interrupted before the first round\n");
  EXPECT_EQ(call({"--workers", "0"}, throwing(Error("not reached"))).err,
            "runner: --workers: 0 is out of range; expected an integer from 1 to 100000\n");
}

TEST(App, QuestionsAreAnsweredWithoutARun) {
  const Execute never = throwing(std::logic_error("ran"));
  EXPECT_THAT(call({"--help"}, never).out, HasSubstr("Usage: runner"));
  EXPECT_EQ(call({"--version"}, never).out, std::string("laggard ") + version() + "\n");
  const auto printed = call({"--print-config", "--rho", "3"}, never);
  EXPECT_EQ(printed.code, 0);
  EXPECT_EQ(json::parse(printed.out).at("rho").to_number<double>(), 3);
}

TEST(App, JsonIsOneObjectWithThePromisedKeys) {
  const auto printed = call({"--json"}, scripted(scripted_result(2)));
  const json::object object = json::parse(printed.out).as_object();
  std::vector<std::string> keys;
  for (const auto& member : object) keys.emplace_back(member.key());
  EXPECT_THAT(
      keys, ElementsAre("protocol", "fleet", "workers", "shards", "seed", "rounds", "converged",
                        "stop_reason", "stop_detail", "objective", "reference_objective", "gap",
                        "certified_gap", "validation_loss", "kkt", "disagreement", "spectral_gap",
                        "models", "nonzeros", "primal_residual", "dual_residual", "rho",
                        "virtual_seconds", "startup_seconds", "solving_seconds", "wall_seconds",
                        "compute_seconds", "pause_seconds", "task_seconds", "coordinator_seconds",
                        "objective_seconds", "simulator_seconds", "simulator_overhead", "bytes_up",
                        "bytes_down", "tasks", "tasks_wasted", "tasks_capped", "writes_lost",
                        "passes", "mean_seconds", "lives", "cost", "decode_error", "decode_rms",
                        "decode_weight", "condition_number", "schedule_digest", "iterate_digest",
                        "fleet_model", "straggler", "data", "configuration", "notices", "version"));
  EXPECT_EQ(object.at("virtual_seconds").as_double(), 0.1 + 0.2);
  EXPECT_EQ(object.at("startup_seconds").as_double(), 0.1);
  EXPECT_EQ(object.at("solving_seconds").as_double(), 0.1 + 0.2 - 0.1);
  EXPECT_THAT(printed.out, HasSubstr("0.30000000000000004"));
  EXPECT_TRUE(object.at("dual_residual").is_null()) << "not finite";
  EXPECT_EQ(object.at("schedule_digest").as_string(), "0000000000000abc");
  EXPECT_EQ(object.at("iterate_digest").as_string(), "ffffffffffffffff");
  EXPECT_EQ(object.at("stop_reason").as_string(), "converged");
  EXPECT_TRUE(object.at("converged").as_bool());
  EXPECT_EQ(object.at("data").at("sha256").as_string(), "00ff");
  EXPECT_EQ(object.at("fleet").as_string(), "sim");
  EXPECT_THAT(printed.err, HasSubstr("converged after 2 rounds")) << "what people read";
}

TEST(App, NoticesAreInTheJsonHoweverQuiet) {
  const Execute noticing = [](const RunConfig& config, RunObserver& observer,
                              const std::atomic<bool>&) {
    RunResult result = scripted_result(1);
    result.info.notices = config.notices;
    observer.on_start(result.info);
    observer.on_notice("worker 3 is late");
    return result;
  };
  const auto printed = call({"--json", "--quiet", "--seats", "d", "--workers", "4"}, noticing);
  EXPECT_EQ(printed.err, "");
  const json::value told = json::parse(printed.out);
  EXPECT_EQ(told.at("notices").as_array().size(), 2u);
  EXPECT_EQ(told.at("notices").at(0), "--seats has no effect on --fleet sim, only on external");
  EXPECT_EQ(told.at("notices").at(1), "worker 3 is late");
  EXPECT_EQ(told.at("configuration").at("workers").to_number<int>(), 4);
  EXPECT_EQ(told.at("straggler"), "lambda");
}

TEST(App, CostIsToldWhereItIsKnownAndOnlyThere) {
  RunResult result = scripted_result(2);
  const auto unknown = call({"--json"}, scripted(result));
  EXPECT_TRUE(json::parse(unknown.out).at("cost").is_null());
  EXPECT_TRUE(json::parse(unknown.out).at("lives").is_null());
  EXPECT_THAT(unknown.err, testing::Not(HasSubstr("cost ")));
  result.summary.cost = Cost{.requests = 6,
                             .estimated_gb_seconds = 12,
                             .billed_gb_seconds = 12.5,
                             .unbilled = 1,
                             .unbilled_gb_seconds = 0.5,
                             .dollars = 0.00021};
  result.summary.workers.resize(1);
  result.summary.workers[0].starts = 5;
  result.summary.workers[0].hand_overs = 1;
  const auto known = call({"--json"}, scripted(result));
  EXPECT_THAT(known.err, HasSubstr("lives      5 starts, 1 handed over, 0 lost\n"
                                   "cost       0.00021 $ at list price: 6 requests, 12.5 GB s "
                                   "billed, 0.5 GB s of 1\n"
                                   "           without a bill\n"));
  EXPECT_EQ(json::parse(known.out).at("cost").at("dollars").as_double(), 0.00021);
  EXPECT_EQ(json::parse(known.out).at("lives").at("hand_overs").as_int64(), 1);
}

TEST(App, NoResultHoldsWhatAUrlKeepsSecret) {
  TemporaryDirectory temporary;
  const std::string directory = (temporary.path() / "run").string();
  const auto run = call({"--fleet", "local", "--shard-source",
                         "http://me:hidden@127.0.0.1/rows?signature=hidden", "--output", directory},
                        scripted(scripted_result(2)));
  EXPECT_EQ(run.code, 0) << run.err;
  const std::string text = read_text(directory + "/run.json");
  EXPECT_THAT(text, testing::Not(HasSubstr("hidden")));
  const json::value told = json::parse(text);
  EXPECT_EQ(told.at("configuration").at("shard-source").as_string(),
            "http://...@127.0.0.1/rows?...");
  EXPECT_THAT(json::serialize(told.at("argv")), HasSubstr("http://...@127.0.0.1/rows?..."));
}

TEST(App, QuietLeavesOnlyErrorsAndJson) {
  const Terminal terminal{true, true, true, true};
  const auto quiet = call({"--quiet"}, scripted(scripted_result(2)), terminal);
  EXPECT_EQ(quiet.out + quiet.err, "");
  const auto with_json = call({"--quiet", "--json"}, scripted(scripted_result(2)), terminal);
  EXPECT_EQ(with_json.err, "");
  EXPECT_NO_THROW(json::parse(with_json.out));
  EXPECT_NE(call({"--quiet"}, throwing(Error("x"))).err, "");
}

TEST(App, AQuietRunStillTellsWhyItsFleetFailed) {
  RunResult result = scripted_result(2);
  result.summary.stop = StopReason::fleet_failed;
  result.summary.detail = "worker 1: gone";
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--quiet"}, {"--quiet", "--json"}}) {
    const auto quiet = call(options, scripted(result));
    EXPECT_EQ(quiet.code, 4);
    EXPECT_EQ(quiet.err, "runner: the fleet failed: worker 1: gone\n");
    if (quiet.out.empty()) continue;
    EXPECT_EQ(json::parse(quiet.out).at("stop_detail").as_string(), "worker 1: gone");
  }
}

TEST(App, OutputKeepsTheRunAndWhatItTakesToRepeatIt) {
  TemporaryDirectory temporary;
  const std::string directory = (temporary.path() / "run").string();
  const auto first = call({"--output", directory, "--seed", "7"}, scripted(scripted_result(2)));
  EXPECT_EQ(first.code, 0) << first.err;
  const json::value run = json::parse(read_text(directory + "/run.json"));
  EXPECT_EQ(run.at("objective").to_number<double>(), 100.5);
  EXPECT_EQ(run.at("configuration").at("seed").to_number<int>(), 7);
  EXPECT_EQ(run.at("argv").as_array().size(), 5u);
  for (const char* key : {"compiler", "flags", "build_type", "libraries", "cpu", "git_revision"}) {
    EXPECT_TRUE(run.at("environment").as_object().contains(key)) << key;
  }
  EXPECT_THAT(read_text(directory + "/iterations.csv"),
              HasSubstr("\n2,0.002,1,100.5,0.5,0.1,,1,4,"));
  EXPECT_TRUE(fs::exists(directory + "/workers.csv.gz"));
  EXPECT_EQ(read_text(directory + "/solution.csv"), "feature,value\n1,0.1\n2,0.1\n");

  const auto again = call({"--output", directory}, scripted(scripted_result(2)));
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("--overwrite"));
  EXPECT_EQ(call({"--output", directory, "--overwrite"}, scripted(scripted_result(3))).code, 0);
}

TEST(App, ARunThatIsRefusedLeavesNothing) {
  TemporaryDirectory temporary;
  const std::string directory = (temporary.path() / "run").string();
  EXPECT_EQ(call({"--output", directory}, throwing(Error("bad data"))).code, 2);
  EXPECT_EQ(call({"--output", directory, "--rho", "0"}, scripted(scripted_result(1))).code, 2);
  EXPECT_FALSE(fs::exists(directory));
}

TEST(App, AnInterruptedRunIsKept) {
  TemporaryDirectory temporary;
  const auto printed =
      call({"--output", temporary.path().string()}, stopping(StopReason::interrupted));
  EXPECT_EQ(printed.code, 130);
  EXPECT_THAT(read_text(temporary.path() / "run.json"), HasSubstr("\"interrupted\""));
}

}  // namespace
}  // namespace laggard
