// ls, show and columns, on the files of real runs.
#include "runners/laboratory/results/dictionary.hpp"
#include "tests/runner/program.hpp"
#include "tests/support/gunzip.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <boost/json.hpp>

#include <set>

namespace laggard {
namespace {

using testing::HasSubstr;
using Arguments = std::vector<std::string>;

class Results : public Program {
 protected:
  void record(const std::string& name, const Arguments& options) {
    Arguments arguments = {"--workers", "4", "--stop", "none", "--max-rounds", "5", "--quiet"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {"--output", path(name)});
    ASSERT_EQ(run(arguments), 3) << err();
  }
  void expect_refused(const Arguments& arguments, const std::string& message) {
    EXPECT_EQ(run(arguments), 2);
    EXPECT_EQ(err(), "runner: " + message + "\n");
    EXPECT_EQ(out(), "");
  }
};

std::set<std::string> heading(const std::string& text) {
  std::set<std::string> names;
  std::istringstream line(text.substr(0, text.find('\n')));
  for (std::string name; std::getline(line, name, ',');) names.insert(name);
  return names;
}

std::set<std::string> told(std::string_view file) {
  std::set<std::string> names;
  for (const Column& column : columns_of(file)->columns) names.emplace(column.name);
  return names;
}

// "a.b" for the member b of the object a; "a.*" where the dictionary has that.
void add_members(const boost::json::object& object, const std::string& before,
                 const std::set<std::string>& known, std::set<std::string>& names) {
  for (const auto& [key, value] : object) {
    const std::string name = before + std::string(key);
    if (known.contains(name + ".*"))
      names.insert(name + ".*");
    else if (value.is_object())
      add_members(value.get_object(), name + '.', known, names);
    else
      names.insert(name);
  }
}

TEST_F(Results, EveryColumnOfEveryFileIsInTheDictionary) {
  record("run", {"--protocol", "coded", "--data", std::string(LAGGARD_DATA_DIR) + "/heart.svm.gz"});
  for (const char* file : {"iterations.csv", "per_worker.csv", "fleet.csv", "solution.csv"})
    EXPECT_EQ(heading(read_text(path(fmt::format("run/{}", file)))), told(file)) << file;
  EXPECT_EQ(heading(gunzip(path("run/workers.csv.gz"))), told("workers.csv.gz"));
  EXPECT_FALSE(std::filesystem::exists(path("run/models.csv"))) << "there is one model";
  record("turns", {"--protocol", "sequential", "--method", "fista"});
  EXPECT_EQ(heading(read_text(path("turns/models.csv"))), told("models.csv"));
  const std::set<std::string> known = told("run.json");
  std::set<std::string> kept;
  add_members(boost::json::parse(read_text(path("run/run.json"))).as_object(), "", known, kept);
  kept.insert("error");  // of a run that failed
  EXPECT_EQ(kept, known);
}

TEST_F(Results, ThePageOfTheDictionaryIsTheOneInTheDocuments) {
  ASSERT_EQ(run({"columns", "--markdown"}), 0);
  EXPECT_EQ(out(), read_text(std::string(LAGGARD_TESTS_DIR) + "/../docs/results.md"))
      << "make it again: runner columns --markdown > docs/results.md";
}

TEST_F(Results, AreListedFilteredAndSorted) {
  record("all/one", {"--seed", "1"});
  record("all/two", {"--seed", "2", "--protocol", "async", "--tau", "4"});
  ASSERT_EQ(
      run({"ls", path("all"), "--columns", "path,protocol,seed,tau,rounds", "--sort", "-seed"}), 0)
      << err();
  EXPECT_EQ(out(),
            "path  protocol  seed  tau  rounds\n"
            "two   async        2    4       5\n"
            "one   sync         1            5\n");
  ASSERT_EQ(run({"ls", path("all"), "--only", "tau<=4", "--columns", "path"}), 0) << err();
  EXPECT_EQ(out(), "path\ntwo\n");
  ASSERT_EQ(run({"ls", path("all"), "--only", "workers>4", "--json"}), 0) << err();
  EXPECT_EQ(out(), "[]\n");
  ASSERT_EQ(run({"ls", path("all"), "--json"}), 0) << err();
  const auto array = result().as_array();
  ASSERT_EQ(array.size(), 2u);
  EXPECT_EQ(array[1].at("options").at("tau"), 4);
  EXPECT_EQ(array[1].at("rounds"), 5);
  EXPECT_EQ(array[1].at("status"), "finished");
  EXPECT_EQ(array[1].at("id").as_string().size(), 16u);
}

TEST_F(Results, TheListNamesWhatTellsRunsApart) {
  const auto heading = [&] { return out().substr(0, out().find('\n')); };
  record("all/one", {"--seed", "1"});
  record("all/two", {"--seed", "2"});
  ASSERT_EQ(run({"ls", path("all")}), 0) << err();
  EXPECT_EQ(heading().find("method"), std::string::npos);
  EXPECT_EQ(heading().find("fleet"), std::string::npos);
  EXPECT_EQ(heading().find("path"), std::string::npos);
  EXPECT_THAT(heading(), testing::MatchesRegex("id .* gap +start-up s +solving s"));
  record("all/three", {"--seed", "1", "--method", "fista"});
  record("all/four", {"--seed", "1", "--fleet", "threads"});
  record("all/five", {"--seed", "1", "--fleet", "threads"});
  ASSERT_EQ(run({"ls", path("all")}), 0) << err();
  EXPECT_THAT(heading(), testing::MatchesRegex("id +status +protocol +method +fleet +workers .*"
                                               " path"));
  EXPECT_THAT(out(), testing::ContainsRegex(" sync +fista +sim "));
  EXPECT_THAT(out(), testing::ContainsRegex(" sync +admm +threads .* four\n"));
}

TEST_F(Results, AreShownByFolderOrId) {
  record("all/one", {"--seed", "1"});
  record("all/two", {"--seed", "2"});
  ASSERT_EQ(run({"show", path("all/two"), "--json"}), 0) << err();
  const auto shown = result().as_object();
  EXPECT_EQ(shown.at("options").at("seed"), 2);
  const std::string id(shown.at("id").as_string());
  ASSERT_EQ(run({"show", id.substr(0, 8), "--in", path("all")}), 0) << err();
  EXPECT_THAT(out(), HasSubstr(path("all/two") + ": finished\n"));
  EXPECT_THAT(out(), HasSubstr("runner --config " + path("all/two/run.json") + "\n"));
}

TEST_F(Results, WhatCannotBeShownIsToldInOneLine) {
  record("all/one", {"--seed", "1"});
  record("all/two", {"--seed", "2"});
  expect_refused({"ls", path("all"), "--only", "wokers=4"},
                 "ls: --only: wokers: no option or column of that name; did you mean workers?");
  expect_refused({"ls", path("all"), "--sort", "gapp"},
                 "ls: --sort: gapp: no option or column of that name; did you mean gap?");
  expect_refused({"ls", path("all"), "--columns", "id,,gap"},
                 "ls: --columns: nothing: no option or column of that name; see runner columns");
  expect_refused({"ls", path("nowhere")}, "ls: " + path("nowhere") +
                                              ": no such folder; expected one with runs, from "
                                              "--output");
  expect_refused({"show"}, "show: no run given; expected its folder or its ID");
  expect_refused(
      {"show", path("all")},
      "show: " + path("all") + ": holds 2 runs; expected one of them, such as " + path("all/one"));
  expect_refused({"columns", "--json", "--markdown"},
                 "--markdown: cannot go with --json; expected one of the two");
  expect_refused({"columns", "run.json", "--markdown"},
                 "--markdown: cannot go with a FILE; expected one of the two");
  expect_refused({"columns", "run.jsn"},
                 "columns: run.jsn is no file of results; expected one of run.json, "
                 "iterations.csv, workers.csv.gz, per_worker.csv, fleet.csv, solution.csv, "
                 "models.csv, index.sqlite, export");
}

}  // namespace
}  // namespace laggard
