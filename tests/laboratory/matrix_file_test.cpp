// What a matrix file says, and what is said of a wrong one.
#include "runners/laboratory/matrix/expansion.hpp"

#include "core/io/error.hpp"
#include "runners/laboratory/matrix/selection.hpp"
#include "runners/runner/matrix_rules.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace laggard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const OptionsOfRuns kRules;

std::vector<std::string> labels(const MatrixFile& matrix) {
  std::vector<std::string> all;
  for (const MatrixCell& cell : expand(matrix, kRules).cells) all.push_back(label(matrix, cell));
  return all;
}
std::vector<std::string> labels(const std::string& text) { return labels(parse_matrix(text, "m")); }

std::string refusal(const std::string& text) {
  try {
    expand(parse_matrix(text, "m.json"), kRules);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

std::string value_of(const MatrixCell& cell, std::string_view option) {
  const auto found = std::ranges::find(cell.settings, option, &Setting::name);
  return found == cell.settings.end() ? "none" : found->value;
}

TEST(Matrix, TheExampleHasThirtyCells) {
  const TemporaryDirectory temporary;
  std::filesystem::create_directory(temporary.path() / "data");
  std::filesystem::copy(LAGGARD_DATA_DIR "/heart.svm.gz", temporary.path() / "data");
  const std::string file = (temporary.path() / "stragglers.json").string();
  std::filesystem::copy(LAGGARD_TESTS_DIR "/laboratory/stragglers.json", file);
  const MatrixFile matrix = read_matrix(file);
  EXPECT_EQ(matrix.name, "stragglers");
  const Expansion expansion = expand(matrix, kRules);
  EXPECT_THAT(expansion.cells, SizeIs(30));
  EXPECT_THAT(expansion.notices, SizeIs(0));
  std::set<std::string> ids;
  for (const MatrixCell& cell : expansion.cells) {
    ids.insert(cell.id);
    EXPECT_EQ(value_of(cell, "data"), (temporary.path() / "data/heart.svm.gz").string());
    EXPECT_FALSE(cell.real_time);
    const bool is_async = value_of(cell, "protocol") == "async";
    const bool is_small = value_of(cell, "workers") == "4";
    EXPECT_EQ(value_of(cell, "min-arrivals"), !is_async ? "none" : is_small ? "1" : "4");
    EXPECT_FALSE(value_of(cell, "protocol") == "coded" && is_small);
  }
  EXPECT_THAT(ids, SizeIs(30));
}

TEST(Matrix, RepeatsAreSlowestAndProtocolsAreNeighbours) {
  const auto all = labels(R"({"axes": {"protocol": ["sync", "coded"], "workers": [4, 8]}, )"
                          R"("repeat": {"seed": [1, 2]}})");
  ASSERT_THAT(all, SizeIs(8));
  for (std::size_t i = 0; i < 8; i += 2) {
    const std::string rest =
        std::string(",workers=") + (i % 4 == 0 ? "4" : "8") + ",seed=" + (i < 4 ? "1" : "2");
    EXPECT_THAT((std::vector{all[i], all[i + 1]}),
                UnorderedElementsAre("protocol=sync" + rest, "protocol=coded" + rest));
  }
}

TEST(Matrix, IdentityIsThatOfTheOptionsHoweverTheyAreWritten) {
  const auto id = [](const std::string& text) {
    return expand(parse_matrix(text, "m"), kRules).cells.at(0).id;
  };
  const std::string plain = id(R"({"base": {"workers": 8, "protocol": "async"}})");
  EXPECT_EQ(id(R"({"axes": {"protocol": [{"protocol": "async", "workers": "2*4"}]}})"), plain);
  EXPECT_EQ(id(R"({"base": {"workers": 8, "protocol": "async", "min-arrivals": "W/8"}})"), plain)
      << "the default, written out";
  EXPECT_NE(id(R"({"base": {"workers": 8, "protocol": "async", "tau": 4}})"), plain);
  EXPECT_NE(id(R"({"base": {"workers": 8, "protocol": "async", "seed": 2}})"), plain);
}

TEST(Matrix, WorksOutExpressionsFromGivenAndUsualValues) {
  EXPECT_THAT(labels(R"({"axes": {"protocol": [{"protocol": "async", "min-arrivals": "W/3"}]}})"),
              ElementsAre("protocol=async,min-arrivals=5"))
      << "16 workers are usual; rounded down";
  const auto of_base = [](const std::string& base, const std::string& axes) {
    return labels("{\"base\": {" + base + "}, \"axes\": {" + axes + "}}");
  };
  EXPECT_THAT(of_base(R"("protocol": "async", "workers": 8)",
                      R"j("shards": ["2*W"], "tau": ["max(1, P/4)"], "rho": ["tau/8"])j"),
              ElementsAre("shards=16,tau=4,rho=0.5"));
  EXPECT_THAT(of_base(R"("protocol": "coded", "redundancy": 1, "workers": 8)",
                      R"("max-rounds": ["100*P"])"),
              ElementsAre("max-rounds=400"))
      << "the protocol settles P";
  EXPECT_THAT(labels(R"({"axes": {"rho": ["auto", 2]}})"),
              testing::UnorderedElementsAre("rho=auto", "rho=2"))
      << "a word of the option is no expression";
}

TEST(Matrix, ExclusionsCompareValuesAndDefaults) {
  const std::string axes =
      R"("axes": {"protocol": ["sync", "async"], "target-gap": [1e-3, 0.000001]})";
  EXPECT_THAT(labels("{" + axes + R"(, "exclude": [{"target-gap": 1e-6}]})"), SizeIs(2));
  EXPECT_THAT(labels("{" + axes + R"(, "exclude": [{"tau": 2, "target-gap": 0.001}]})"), SizeIs(3))
      << "2 is the default of async, and sync has no tau";
  const MatrixFile matrix = parse_matrix("{" + axes + ",\n \"exclude\": [{\"workers\": 3}]}", "m");
  EXPECT_THAT(expand(matrix, kRules).notices, ElementsAre("m:2:14: exclude: no cell has that"));
}

TEST(Matrix, PathsAreRelativeToTheFile) {
  const auto located = [](const std::string& name, const std::string& value) {
    return kRules.located({name, value, "", {}}, "some/where");
  };
  EXPECT_EQ(located("data", "../a.svm"), "some/a.svm");
  EXPECT_EQ(located("data", "/a.svm"), "/a.svm");
  EXPECT_EQ(located("data", "heart"), "heart") << "bundled";
  EXPECT_EQ(located("protocol", "./libmine.so"), "some/where/libmine.so");
  EXPECT_EQ(located("protocol", "async"), "async");
  EXPECT_EQ(located("fleet-model", "../../mine.json"), "./mine.json") << "keeps its slash";
  EXPECT_EQ(located("straggler", "trace:r/w.csv.gz+crash:p=0.1"),
            "trace:some/where/r/w.csv.gz+crash:p=0.1");
  EXPECT_EQ(located("endpoint-log", "log"), "some/where/log");
  EXPECT_EQ(located("shard-source", "auto"), "auto");
  EXPECT_EQ(located("shard-source", "https://a/b"), "https://a/b");
  EXPECT_EQ(located("shard-source", "b.shards"), "some/where/b.shards");
  EXPECT_EQ(located("loss", "squared"), "squared");
}

// ---- What is said of a wrong file ----

TEST(MatrixMessages, OfTheShape) {
  EXPECT_EQ(refusal("[1]"), "m.json:1:1: an array; expected an object with axes");
  EXPECT_EQ(refusal("{\"axs\": {}}"),
            "m.json:1:2: axs: unknown key; did you mean axes? expected one of name, base, axes, "
            "exclude, repeat");
  EXPECT_EQ(refusal("{\"axes\": {\n  \"workers\": 4}}"),
            "m.json:2:14: workers: a number; expected an array of values");
  EXPECT_EQ(refusal("{\"axes\": {\"workers\": []}}"),
            "m.json:1:22: workers: an empty list; expected at least one value");
  EXPECT_EQ(refusal("{\"axes\": {\"workers\": [4, [8]]}}"),
            "m.json:1:26: workers: an array; expected a number, a text, true or false");
  EXPECT_EQ(refusal("{\"exclude\": {}}"),
            "m.json:1:13: exclude: an object; expected an array of objects");
  EXPECT_EQ(refusal("{\"axes\": {\"workers\": [4]}, \"repeat\": {\"workers\": [4]}}"),
            "m.json:1:39: workers: given twice, in axes and in repeat; expected it in one of them");
  EXPECT_EQ(refusal("{\"axes\": {\"protocol\": [\"sync\"], \"x\": [{\"protocol\": \"coded\"}]}}"),
            "m.json:1:52: protocol: another axis sets it too; expected one");
  EXPECT_EQ(refusal("{\"exclude\": [{\"workers\": 16}]}"),
            "m.json: no cell is left; exclude takes all");
}

TEST(MatrixMessages, OfUnknownOptions) {
  EXPECT_EQ(refusal("{\"axes\": {\"protocol\": [\"sync\"],\n \"wrokers\": [4]}}"),
            "m.json:2:2: wrokers: unknown option; did you mean workers?");
  EXPECT_EQ(refusal("{\"base\": {\"zzzzzz\": 1}}"),
            "m.json:1:11: zzzzzz: unknown option; see runner --help all");
  EXPECT_EQ(refusal("{\"exclude\": [{\"wrkers\": 4}]}"),
            "m.json:1:15: wrkers: unknown option; did you mean workers?");
  EXPECT_EQ(refusal("{\"base\": {\"tau\": 8}, \"axes\": {\"protocol\": [\"async\", \"sync\"]}}"),
            "m.json:1:18: tau: not an option of protocol sync or method admm (it belongs to "
            "protocol async and protocol partial_barrier)");
  EXPECT_EQ(refusal("{\"base\": {\"output\": \"x\"}}"),
            "m.json:1:21: output: not allowed in a matrix; expected options that decide its runs");
  EXPECT_EQ(refusal("{\"axes\": {\"protocol\": [\"sync\", \"asinc\"]}}").substr(0, 68),
            "m.json:1:32: protocol: asinc is not a known protocol; did you mean a");
}

TEST(MatrixMessages, OfValues) {
  EXPECT_EQ(refusal("{\"axes\": {\"workers\": [4, 0]}}"),
            "m.json:1:26: workers: 0 is out of range; expected an integer from 1 to 100000");
  EXPECT_EQ(refusal("{\"axes\": {\"workers\": [true]}}"),
            "m.json:1:23: workers: true is no value of it; expected W");
  EXPECT_EQ(refusal("{\"base\": {\"protocol\": \"async\", \"min-arrivals\": \"hurry\"}}"),
            "m.json:1:48: min-arrivals: \"hurry\" is not an integer; expected an integer from 1 to "
            "1000000000");
  EXPECT_EQ(refusal("{\"axes\": {\"workers\": [4]}, \"base\": {\"fleet\": \"lambda\"}}"),
            "m.json:1:11: cell workers=4: --function: not given; expected the name of the Lambda "
            "function that is the worker");
}

TEST(MatrixMessages, OfExpressions) {
  const auto of = [](const std::string& expression) {
    return refusal("{\"base\": {\"protocol\": \"async\",\n \"min-arrivals\": \"" + expression +
                   "\"}}");
  };
  EXPECT_EQ(of("W/"), "m.json:2:21: min-arrivals: W/: ends too early; expected a number or a name");
  EXPECT_EQ(of("W/x"),
            "m.json:2:21: min-arrivals: W/x: x is no name here; expected W, P or an option that is "
            "a number");
  EXPECT_EQ(of("2*W"),
            "m.json:2:18: min-arrivals: 2*W: 32 is out of range; expected an integer from 1 to 16, "
            "the number of shards");
  EXPECT_EQ(of("min-arrivals/2"),
            "m.json:2:18: min-arrivals: min-arrivals/2: depends on itself; expected a number at "
            "the end");
}

TEST(MatrixMessages, OfCellsThatAreTheSame) {
  EXPECT_EQ(refusal("{\"axes\": {\"workers\": [4, 8,\n 4.0e0]}}"),
            "m.json:2:2: workers: cells workers=4 and workers=4.0e0 are the same run; expected "
            "cells that differ");
}

// ---- --only and --shard ----

std::vector<std::string> only(const std::string& conditions) {
  const MatrixFile matrix =
      parse_matrix(R"({"axes": {"protocol": ["sync", "async"], "workers": [4, 16], )"
                   R"("straggler": ["none", "bimodal:p=0.05,factor=20"]}})",
                   "m");
  const auto parsed = parse_only(conditions, "--only", kRules);
  std::vector<std::string> all;
  for (const MatrixCell& cell : expand(matrix, kRules).cells)
    if (holds(parsed, matrix, cell, kRules)) all.push_back(label(matrix, cell));
  return all;
}

std::string only_refusal(const std::string& conditions) {
  try {
    only(conditions);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(MatrixSelection, OnlyTakesTheCellsWhereAllHolds) {
  EXPECT_THAT(only("protocol=async"), SizeIs(4));
  EXPECT_THAT(only("protocol=async,workers>=16"), SizeIs(2));
  EXPECT_THAT(only("protocol!=async,workers<16,straggler=none"),
              ElementsAre("protocol=sync,workers=4,straggler=none"));
  EXPECT_THAT(only("straggler=bimodal:p=0.05,factor=20,workers=1.6e1"), SizeIs(2));
  EXPECT_THAT(only("tau=2"), SizeIs(4)) << "by default, of async";
  EXPECT_THAT(only("shards<=4"), SizeIs(4)) << "by default, W";
  EXPECT_THAT(only("workers>16"), SizeIs(0));
}

TEST(MatrixSelection, OnlySaysWhatIsWrong) {
  EXPECT_EQ(only_refusal("protocl=sync"),
            "--only: protocl: no option or column of that name; did you mean protocol?");
  EXPECT_THAT(only_refusal("protocol"), HasSubstr("--only: protocol is no condition; expected "));
  EXPECT_THAT(only_refusal("workers>many"), HasSubstr("many is no number"));
}

TEST(MatrixSelection, ShardsTakeEachCellOnce) {
  std::vector<int> taken(29, 0);
  for (int shard = 1; shard <= 8; ++shard) {
    const CellShard one = parse_shard(std::to_string(shard) + "/8", "--shard");
    for (std::size_t i = 0; i < taken.size(); ++i) taken[i] += one.has(i);
  }
  EXPECT_THAT(taken, testing::Each(1));
  EXPECT_THAT(
      [] { parse_shard("9/8", "--shard"); },
      testing::ThrowsMessage<Error>("--shard: 9 is out of range; expected an integer from 1 to 8"));
  EXPECT_THAT([] { parse_shard("2", "--shard"); },
              testing::ThrowsMessage<Error>("--shard: 2 is no shard; expected K/N, as in 2/8"));
}

}  // namespace
}  // namespace laggard
