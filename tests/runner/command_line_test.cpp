#include "runners/runner/command_line.hpp"

#include "core/io/error.hpp"
#include "core/method/method.hpp"
#include "core/schedule/protocol.hpp"
#include "runners/runner/help.hpp"
#include "runners/runner/json_text.hpp"
#include "runners/runner/options.hpp"
#include "tests/runner/test_protocols.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <sstream>

namespace laggard {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

RunConfig parse(const std::string& text) { return parse_command_line(words(text)).config; }

std::string error_of(const std::string& text) {
  try {
    parse(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string value_of(const RunConfig& config, const char* option) {
  const boost::json::object object = configuration_json(config);
  const boost::json::value* value = object.if_contains(option);
  return value ? json_text(*value) : "";
}

// Every option at its default: the table that the documentation promises.
TEST(CommandLine, DefaultsAreThoseOfTheTable) {
  const std::vector<std::pair<const char*, const char*>> expected = {
      {"protocol", "\"sync\""},
      {"fleet", "\"sim\""},
      {"workers", "16"},
      {"shards", ""},
      {"seed", "1"},
      {"data", ""},
      {"synthetic", "\"n=20000,d=500,density=0.02,nu=sample,seed=1\""},
      {"features", ""},
      {"loss", "\"logistic\""},
      {"regularizer", "\"l1:1\""},
      {"sharding", "\"contiguous\""},
      {"shuffle-seed", "1"},
      {"method", "\"admm\""},
      {"relaxation", "1.5"},
      {"anderson", "5"},
      {"scaling", "\"curvature\""},
      {"rho", "\"auto\""},
      {"rho-policy", "\"relative_balancing:mu=3,factor=10\""},
      {"reading", "\"standard\""},
      {"gamma", "0"},
      {"wire", "\"f64\""},
      {"stop", "\"certified\""},
      {"eps-primal", "0.02"},
      {"eps-dual", "0.02"},
      {"eps-abs", "1e-05"},
      {"eps-rel", "0.0001"},
      {"eps-gap", "0.0001"},
      {"target-loss", ""},
      {"validation", ""},
      {"validation-seed", "1"},
      {"target-gap", ""},
      {"reference", "\"none\""},
      {"max-rounds", ""},
      {"max-tasks", "16000"},
      {"max-passes", "\"none\""},
      {"time-limit", "\"none\""},
      {"solver", "\"newton_cg\""},
      {"local-accuracy", "0.3"},
      {"newton-steps", "3"},
      {"newton-equations", R"("auto")"},
      {"cg-tolerance", "\"none\""},
      {"inner-min", "1"},
      {"inner-max", "1000"},
      {"eps-g", "\"none\""},
      {"eps-f", ""},
      {"fleet-model", "\"lambda\""},
      {"straggler", "\"lambda:p_tail=0.018,sigma_host=0.05\""},
      {"latency", "0.0005"},
      {"bandwidth", "75000000"},
      {"coordinator-bandwidth", "1250000000"},
      {"service-time", "\"2e-05,1e-09\""},
      {"masters", "1"},
      {"topology", "\"star\""},
      {"cold-start", "0.25"},
      {"invoke-rate", "100"},
      {"memory-mb", "1769"},
      {"function-timeout", "900"},
      {"worker", ""},
      {"listen", "\"127.0.0.1:0\""},
      {"advertise", ""},
      {"transport", "\"tls\""},
      {"shard-source", "\"auto\""},
      {"start-timeout", "60"},
      {"function", ""},
      {"region", ""},
      {"endpoint", ""},
      {"max-usd", "\"none\""},
      {"concurrency", "1000"},
      {"scaling-rate", "1000"},
      {"faults", ""},
      {"emulator", ""},
      {"endpoint-log", ""},
      {"seats", ""},
      {"output", ""},
      {"on-full-disk", "\"stop\""},
      {"checkpoint", ""},
      {"every", "10"},
      {"resume", ""},
      {"trace", ""},
      {"serve", ""},
      {"overwrite", "false"},
      {"json", "false"},
      {"quiet", "false"},
      {"progress", "\"auto\""},
      {"print-config", ""}};
  const RunConfig config = parse("");
  for (const auto& [option, value] : expected) {
    const RunOption* known = find_option(option);
    if (!known || known->print(config).is_null() || has_effect(*known, config)) {
      EXPECT_EQ(value_of(config, option), value) << option;
    } else {
      EXPECT_EQ(json_text(known->print(config)), value) << option;
      EXPECT_EQ(value_of(config, option), "") << option << " has no effect, and is not printed";
    }
  }
  EXPECT_EQ(expected.size(), options().size() + methods().at("admm").options.size())
      << "an option without a promised default";
}

TEST(CommandLine, ValuesAreReadInEitherForm) {
  EXPECT_EQ(parse("--workers=4").fleet.workers, 4);
  EXPECT_EQ(parse("--workers 4").fleet.workers, 4);
  EXPECT_EQ(parse("--max-rounds 1e4").session.max_rounds, 10000);
  EXPECT_EQ(parse("--workers 4 --workers 8").fleet.workers, 8);
  EXPECT_EQ(parse("--workers 0 --workers 8").fleet.workers, 8);
  EXPECT_EQ(parse("--regularizer box:-1,1").problem.regularizer, "box:-1,1");
  EXPECT_EQ(parse("--regularizer=box:-1,1").problem.regularizer, "box:-1,1");
  EXPECT_EQ(parse("--reference -1.5").reference, "-1.5");
  EXPECT_EQ(parse("--data a=b.svm").problem.data, "a=b.svm");
  EXPECT_TRUE(parse("--json --quiet").output.json);
  EXPECT_FALSE(parse("--json=false").output.json);
  EXPECT_EQ(parse("--fleet threads").fleet.kind, FleetKind::threads);
  EXPECT_EQ(text_value(parse("--reading literal").method.options, "reading"), "literal");
  EXPECT_EQ(parse("--sharding shuffle").problem.sharding, Sharding::shuffle);
  EXPECT_EQ(parse("--progress none").output.progress, Progress::none);
  EXPECT_EQ(text_value(parse("--rho-policy fixed").method.options, "rho-policy"), "fixed");
  EXPECT_EQ(
      text_value(parse("--rho-policy residual_balancing:factor=4").method.options, "rho-policy"),
      "residual_balancing:mu=10,factor=4");
  EXPECT_EQ(parse("--loss huber:1.0").problem.loss, "huber:1");
}

TEST(CommandLine, WhatFollowsFromOtherOptionsIsFilledIn) {
  EXPECT_EQ(parse("--fleet threads").fleet.straggler, "none");
  EXPECT_EQ(parse("--workers 65").fleet.sim.network.masters, 2);
  EXPECT_EQ(parse("--target-gap 1e-6").session.stopping.rule, StopRule::none);
  EXPECT_EQ(parse("--target-gap 1e-6").reference, "auto");
  EXPECT_EQ(parse("--target-gap 1e-6 --stop paper").session.stopping.rule, StopRule::paper);
  EXPECT_EQ(parse("--target-gap 1e-6 --reference 3").reference, "3");
  EXPECT_EQ(parse("--reference auto").session.stopping.rule, StopRule::certified);
  EXPECT_EQ(parse("--target-gap none").session.stopping.rule, StopRule::certified);
  EXPECT_EQ(parse("--bandwidth inf").fleet.sim.network.coordinator_bandwidth, kInfinity);
  EXPECT_EQ(
      parse("--bandwidth inf --coordinator-bandwidth 5").fleet.sim.network.coordinator_bandwidth,
      5);
  EXPECT_EQ(parse("--bandwidth 9").fleet.sim.network.coordinator_bandwidth, 1.25e9);
  EXPECT_EQ(parse("--service-time 0").fleet.sim.network.service_seconds_per_number, 0);
  EXPECT_EQ(parse("--service-time 1e-3").fleet.sim.network.service_seconds_per_number, 1e-9);
  EXPECT_EQ(parse("--service-time 1e-3,2e-9").fleet.sim.network.service_seconds_per_number, 2e-9);
  EXPECT_EQ(parse("--time-limit none").session.time_limit, kForever);
  EXPECT_EQ(parse("--workers 4").session.max_tasks, 4000);
  EXPECT_EQ(parse("--workers 4 --shards 9").session.max_tasks, 9000);
  EXPECT_EQ(parse("--workers 8 --protocol coded").session.max_tasks, 8000);
  EXPECT_EQ(parse("--max-tasks 7 --max-rounds 9").session.max_tasks, 7);
  for (const char* other : {"--max-rounds 9", "--max-passes 9"})
    EXPECT_EQ(parse(other).session.max_tasks, std::nullopt) << other;
  EXPECT_EQ(parse("--max-tasks 7").session.max_rounds, std::nullopt);
}

TEST(CommandLine, ErrorsSayWhatWhereAndWhatWasExpected) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"--worke 3", "--worke: unknown option; did you mean --worker?"},
      {"--frobnicate 3", "--frobnicate: unknown option; see --help"},
      {"--jsno --workers 4", "--jsno: unknown option; did you mean --json?"},
      {"--rho 1 workers",
       "workers: unexpected argument; options are written --name value, see --help"},
      {"-w 3", "-w: unexpected argument; options are written --name value, see --help"},
      {"--", "--: unexpected argument; options are written --name value, see --help"},
      {"--workers", "--workers: no value given; expected one, see --help"},
      {"--output --json", "--output: no value given; expected one, see --help"},
      {"--output=", "--output: no value given; expected one, see --help"},
      {"--workers 0", "--workers: 0 is out of range; expected an integer from 1 to 100000"},
      {"--workers 1.5",
       "--workers: \"1.5\" is not an integer; expected an integer from 1 to 100000"},
      {"--rho nan", "--rho: nan is not a number; expected a number from 1e-150 to 1e+150, or auto"},
      {"--rho -1", "--rho: -1 is out of range; expected a number from 1e-150 to 1e+150, or auto"},
      {"--rho 1e-320",
       "--rho: 1e-320 is out of range; expected a number from 1e-150 to 1e+150, or auto"},
      {"--rho 0", "--rho: 0 is out of range; expected a number from 1e-150 to 1e+150, or auto"},
      {"--rho inf", "--rho: inf is out of range; expected a number from 1e-150 to 1e+150, or auto"},
      {"--eps-g -0.1", "--eps-g: -0.1 is out of range; expected a number >= 0, or none"},
      {"--relaxation 2", "--relaxation: 2 is out of range; expected a number above 0 and below 2"},
      {"--memory-mb 100", "--memory-mb: 100 is out of range; expected a number from 128 to 10240"},
      {"--invoke-rate 0", "--invoke-rate: 0 is out of range; expected a number > 0 or inf"},
      {"--time-limit 0", "--time-limit: 0 is out of range; expected a number > 0 or none"},
      {"--max-rounds -1",
       "--max-rounds: -1 is out of range; expected an integer from 0 to 1000000000"},
      {"--max-tasks 1.5",
       "--max-tasks: \"1.5\" is not an integer; expected an integer from 0 to 1000000000"},
      {"--max-passes 0", "--max-passes: 0 is out of range; expected a number > 0 or none"},
      {"--tau-seconds 1",
       "--tau-seconds: not an option of protocol sync or method admm (it belongs to protocol async "
       "and protocol partial_barrier)"},
      {"--protocol async --tau-seconds -1",
       "--tau-seconds: -1 is out of range; expected a number from 0 to 1000000000, or none"},
      {"--protocol backup --backup-after 0.5",
       "--backup-after: 0.5 is out of range; expected a number >= 1 or inf"},
      {"--workers 1 --protocol partial_barrier --drop 1",
       "--drop: 1 is out of range; expected an integer from 0 to 0, one less than the number of "
       "shards"},
      {"--workers 3 --protocol coded --redundancy 1",
       "--redundancy: groups of 2 do not divide 3 workers; expected --redundancy 0 with 3 workers, "
       "or 2 workers with --redundancy 1"},
      {"--target-gap 0", "--target-gap: 0 is out of range; expected a number > 0 or none"},
      {"--service-time 1,2,3", "--service-time: 2,3 is not a number; expected a number >= 0"},
      {"--fleet sin",
       "--fleet: sin is not known; did you mean sim? expected sim, threads, local, lambda, "
       "external"},
      {"--solver fast", "--solver: fast is not known; expected newton_cg, fista, direct"},
      {"--reference yes", "--reference: yes is not known; expected none, auto or a finite number"},
      {"--json=1", "--json: 1 is no value of a flag; expected true or false"},
      {"--shards 8", "--shards: 8 is fewer than the 16 workers; expected at least 16"},
      {"--solver fista --inner-min 9 --inner-max 8",
       "--inner-min: 9 is more than --inner-max, 8; expected at most that"},
      {"--solver direct",
       "--solver: direct needs the squared loss, not logistic; expected newton_cg or fista"},
      {"--data x --synthetic n=9", "--synthetic: cannot go with --data; expected one of the two"},
      {"--features 9", "--features: only goes with --data; give a synthetic instance its d"},
      {"--target-gap 1e-3 --reference none",
       "--reference: none cannot go with --target-gap; expected auto or the optimum"},
      {"--overwrite", "--overwrite: only goes with --output, --checkpoint or --trace"},
      {"--method agb",
       "--method: agb is not a known method; did you mean agd? expected admm, agd, fedavg, "
       "fista, gd, gossip, kmeans, linearized_admm, local_sgd, nesterov, payload, sgd, or the path "
       "of a "
       "plugin"},
      {"--method agd", "--method agd: needs a smooth regulariser, not l1:1; expected none or l2:L"},
      {"--step-size 0.1",
       "--step-size: not an option of protocol sync or method admm (it belongs to method agd and "
       "method fedavg and method fista and method gd and method gossip and method linearized_admm "
       "and method local_sgd and method nesterov and method sgd)"},
      {"--method linearized_admm --momentum 0.5",
       "--momentum: not an option of protocol sync or method linearized_admm (it belongs to method "
       "agd and method fista and method nesterov)"},
      {"--method fista --rho 3",
       "--rho: not an option of protocol sync or method fista (it belongs to method admm and "
       "method "
       "linearized_admm)"},
      {"--solver fista --cg-tolerance 0.1",
       "--cg-tolerance: has no effect with --solver fista; expected --solver newton_cg"},
      {"--eps-primal 1e-3",
       "--eps-primal: has no effect with --stop certified; expected --stop paper or absolute"},
      {"--target-gap 1e-3 --eps-abs 1e-3",
       "--eps-abs: has no effect with --stop none, as it is with --target-gap; expected --stop "
       "certified or boyd"},
      {"--stop paper --eps-gap 1e-3",
       "--eps-gap: has no effect with --stop paper; expected --stop certified"},
      {"--eps-gap 0", "--eps-gap: 0 is out of range; expected a number above 0, at most 1"},
      {"--every 5", "--every: has no effect without --checkpoint"},
      {"--protocol test_bounded --protocol.test-tua 3",
       "--protocol.test-tua: unknown option; did you mean --protocol.test-tau?"},
      {"--method.tau 3",
       "--method.tau: not an option of protocol sync or method admm (it belongs to protocol async "
       "and "
       "protocol partial_barrier)"},
      {"--worker 4",
       "--worker: there is no file 4; did you mean --workers 4? expected the worker program"},
      {"--worker ./none", "--worker: there is no file ./none; expected the worker program"},
      {"--fleet local --workers 2000",
       "--workers: 2000 is more than the local endpoint runs at a time, --concurrency 1000; "
       "expected --concurrency 2000 or fewer workers"},
      {"--listen nonsense", "--listen: nonsense is not HOST:PORT"},
      {"--method fista --momentum 1",
       "--momentum: 1 is out of range; expected a number at least 0 and below 1, or auto"},
      {"--method fista --step-size quick",
       "--step-size: quick is not a number; expected a number > 0, or auto"},
  };
  for (const auto& [arguments, message] : cases) EXPECT_EQ(error_of(arguments), message);
}

TEST(CommandLine, AnUnknownProtocolIsToldOfTheNearestAndOfAll) {
  std::vector<std::string> names;
  for (const auto& [name, protocol] : protocols()) names.push_back(name);
  EXPECT_EQ(error_of("--protocol partial_bar"),
            fmt::format("--protocol: partial_bar is not a known protocol; did you mean "
                        "partial_barrier? expected {}, or the path of a plugin",
                        fmt::join(names, ", ")));
}

TEST(CommandLine, SpecsAreCheckedEarlyAndNameTheOption) {
  for (const char* bad :
       {"--loss hubr", "--loss huber:0", "--regularizer l1", "--rho-policy balance",
        "--rho-policy residual_balancing:mu=0", "--synthetic n=0"}) {
    EXPECT_THAT(error_of(bad), StartsWith(words(bad)[0])) << bad;
  }
}

TEST(CommandLine, ProtocolsBringTheirOwnOptions) {
  const RunConfig config =
      parse("--test-tau 1e1 --protocol test_bounded --test-gamma=2.5 --test-missing discard");
  EXPECT_EQ(std::get<std::int64_t>(config.setup.values.at("test-tau")), 10);
  EXPECT_EQ(std::get<double>(config.setup.values.at("test-gamma")), 2.5);
  EXPECT_EQ(std::get<std::string>(config.setup.values.at("test-missing")), "discard");
  EXPECT_EQ(parse("--protocol test_bounded").setup.values.size(), 3u) << "defaults are filled in";

  EXPECT_EQ(error_of("--test-tau 3"),
            "--test-tau: not an option of protocol sync or method admm (it belongs to protocol "
            "test_bounded)");
  EXPECT_EQ(error_of("--protocol test_bounded --test-tau 0"),
            "--test-tau: 0 is out of range; expected an integer from 1 to 100");
  EXPECT_EQ(error_of("--protocol test_bounded --test-missing dicard"),
            "--test-missing: dicard is not known; did you mean discard? expected reuse, discard");
  EXPECT_EQ(error_of("--protocol test_bounded --test-tua 3"),
            "--test-tua: unknown option; did you mean --test-tau?");
  EXPECT_THAT(
      error_of("--protocol test_bonded"),
      StartsWith("--protocol: test_bonded is not a known protocol; did you mean test_bounded?"));
  EXPECT_THAT(error_of("--protocol sink"), HasSubstr("sync"));
}

TEST(CommandLine, AProtocolAndAMethodMayHaveAnOptionOfOneName) {
  const RunConfig plain = parse("--protocol test_gamma --gamma 3");
  EXPECT_EQ(real_value(plain.setup.values, "gamma"), 3);
  EXPECT_EQ(real_value(plain.method.options, "gamma"), 0);
  EXPECT_THAT(plain.notices, testing::ElementsAre(
                                 "--gamma is the option of protocol test_gamma; --method.gamma is "
                                 "that of method admm"));
  const RunConfig qualified =
      parse("--protocol test_gamma --method.gamma 2 --protocol.gamma 5 --gamma 4");
  EXPECT_EQ(real_value(qualified.setup.values, "gamma"), 4) << "the last one holds";
  EXPECT_EQ(real_value(qualified.method.options, "gamma"), 2);
  EXPECT_EQ(value_of(qualified, "protocol.gamma"), "4");
  EXPECT_EQ(value_of(qualified, "method.gamma"), "2");
  EXPECT_EQ(value_of(qualified, "gamma"), "");

  const RunConfig alone = parse("--method.rho 2 --gamma 3");
  EXPECT_EQ(real_value(alone.method.options, "rho"), 2);
  EXPECT_EQ(real_value(alone.method.options, "gamma"), 3) << "nobody else has one";
  EXPECT_TRUE(alone.notices.empty());
}

TEST(CommandLine, OptionsOfAnotherFleetAreToldAndChecked) {
  EXPECT_THAT(
      parse("--fleet threads --latency 1 --max-usd 1 --memory-mb 200").notices,
      testing::ElementsAre("--latency has no effect on --fleet threads, only on sim",
                           "--memory-mb has no effect on --fleet threads, only on sim, local",
                           "--max-usd has no effect on --fleet threads, only on local, lambda"));
  EXPECT_EQ(error_of("--fleet threads --latency -1"),
            "--latency: -1 is out of range; expected a number >= 0");
  EXPECT_THAT(error_of("--faults kil=1"), StartsWith("--faults: "));
}

TEST(CommandLine, HelpWinsOverEverythingElse) {
  EXPECT_EQ(parse_command_line(words("--workers 0 --help")).help, short_help());
  EXPECT_EQ(parse_command_line(words("-h")).help, short_help());
  EXPECT_EQ(parse_command_line(words("--nonsense --help all")).help, long_help());
  EXPECT_EQ(parse_command_line(words("--help --protocol test_other")).help,
            protocol_help(protocols().at("test_other")));
  EXPECT_THROW(parse_command_line(words("--help --protocol nonsense")), Error);
  EXPECT_THROW(parse_command_line(words("--help al")), Error);
}

class WithFile : public testing::Test {
 protected:
  RunConfig with(const std::string& file, const std::string& arguments = "") {
    write_text(path_, file);
    return parse(arguments + " --config " + path_);
  }
  std::string error_with(const std::string& file, const std::string& arguments = "") {
    write_text(path_, file);
    std::string message = error_of("--config " + path_ + " " + arguments);
    const auto at = message.find(path_);
    return at == message.npos ? message : message.replace(at, path_.size(), "FILE");
  }

  TemporaryDirectory temporary_;
  const std::string path_ = (temporary_.path() / "c.json").string();
};

TEST_F(WithFile, TheCommandLineOverridesTheFile) {
  const RunConfig config = with(R"({"workers": 4, "rho": "2", "json": true})", "--rho 3");
  EXPECT_EQ(config.fleet.workers, 4);
  EXPECT_EQ(real_value(config.method.options, "rho"), 3);
  EXPECT_TRUE(config.output.json);
}

TEST_F(WithFile, WhatContradictsTheCommandLineGivesWay) {
  const RunConfig data = with(R"({"synthetic": "n=9"})", "--data x.svm");
  EXPECT_EQ(data.problem.data, "x.svm");
  const RunConfig synthetic = with(R"({"data": "x.svm", "features": 5})", "--synthetic n=9");
  EXPECT_EQ(synthetic.problem.data, "");
  EXPECT_FALSE(synthetic.problem.features);
  EXPECT_EQ(with(R"({"reference": "none"})", "--target-gap 1e-3").reference, "auto");
  EXPECT_EQ(with(R"({"coordinator-bandwidth": 5})", "--bandwidth inf")
                .fleet.sim.network.coordinator_bandwidth,
            kInfinity);
  EXPECT_EQ(with(R"({"coordinator-bandwidth": 5, "bandwidth": "inf"})")
                .fleet.sim.network.coordinator_bandwidth,
            5);
  EXPECT_EQ(
      text_value(
          with(R"({"solver": "newton_cg", "cg-tolerance": 0.5})", "--solver fista").method.options,
          "solver"),
      "fista");
  EXPECT_EQ(with(R"({"eps-abs": 0.5})", "--stop paper").session.stopping.rule, StopRule::paper);
  EXPECT_EQ(with(R"({"eps-abs": 0.5})", "--target-gap 0.1").session.stopping.rule, StopRule::none);
  EXPECT_EQ(with(R"({"rho": 2})", "--method fista").method.name, "fista");
  const char* bounded = R"({"protocol": "test_bounded", "test-tau": 3})";
  EXPECT_TRUE(with(bounded, "--protocol sync").setup.values.empty());
  EXPECT_EQ(with(bounded).setup.values.size(), 3u);
}

TEST_F(WithFile, ErrorsNameFileAndLine) {
  EXPECT_EQ(error_with("{\n\"workrs\": 4}"),
            "FILE:2: workrs: unknown option; did you mean workers?");
  EXPECT_EQ(error_with("{\"workers\": 0}"),
            "FILE:1: workers: 0 is out of range; expected an integer from 1 to 100000");
  EXPECT_EQ(error_with("{\n\n\"shards\": 8}"),
            "FILE:3: shards: 8 is fewer than the 16 workers; expected at least 16");
  EXPECT_EQ(error_with("{\"workers\": true}"),
            "FILE:1: workers: true is no value of it; expected W");
  EXPECT_EQ(error_with("{\"config\": \"x\"}"),
            "FILE:1: config: not allowed in a configuration file");
  EXPECT_THAT(error_with("{\"data\": \"x\", \"synthetic\": \"n=9\"}"),
              StartsWith("FILE:1: synthetic: cannot go with "));
  EXPECT_EQ(
      error_with("{\"test-tau\": 3}"),
      "FILE:1: test-tau: not an option of protocol sync or method admm (it belongs to protocol "
      "test_bounded)");
  EXPECT_EQ(error_with("{\"solver\": \"fista\",\n\"cg-tolerance\": 1}"),
            "FILE:2: cg-tolerance: has no effect with --solver fista; expected --solver newton_cg");
  EXPECT_THAT(error_with("{\"loss\": \"hubr\"}"), StartsWith("FILE:1: loss hubr: "));
}

TEST_F(WithFile, APrintedConfigurationReadsBackTheSame) {
  for (const char* arguments :
       {"", "--protocol test_bounded --test-tau 3 --test-missing discard --workers 3 --shards 7",
        "--data x.svm --features 9 --loss huber:0.1 --target-gap 1e-7 --time-limit 3",
        "--fleet threads --bandwidth inf --service-time 0 --reading literal --wire f32 --stop "
        "absolute",
        "--protocol test_gamma --gamma 2 --method.gamma 3", "--solver fista --inner-max 7",
        "--method fista --step-size 0.5", "--stop paper --eps-dual 0.5",
        "--json --quiet --output d --overwrite --straggler bimodal:p=0.05,factor=10 --rho 0.1"}) {
    const std::string printed = json_text(configuration_json(parse(arguments)));
    EXPECT_EQ(json_text(configuration_json(with(printed))), printed);
  }
}

}  // namespace
}  // namespace laggard
