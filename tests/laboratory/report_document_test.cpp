// The data of a report against what the files of real runs say, read here by other means.
#include "runners/laboratory/report/document.hpp"

#include "core/io/error.hpp"
#include "runners/laboratory/report/packed.hpp"
#include "runners/runner/command_line.hpp"
#include "runners/runner/command_text.hpp"
#include "runners/runner/options.hpp"
#include "tests/runner/scripted_run.hpp"
#include "tests/support/gunzip.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <cmath>
#include <filesystem>
#include <map>

namespace laggard {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::HasSubstr;

// A CSV file without quotes: columns by name, empty fields as NaN, words as texts.
struct Csv {
  std::map<std::string, std::vector<std::string>> columns;

  explicit Csv(const std::string& text) {
    std::istringstream lines(text);
    std::vector<std::string> names;
    for (std::string line; std::getline(lines, line);) {
      std::vector<std::string> fields(1);
      for (const char c : line)
        if (c == ',')
          fields.emplace_back();
        else
          fields.back() += c;
      if (names.empty())
        names = fields;
      else
        for (std::size_t i = 0; i < names.size(); ++i) columns[names[i]].push_back(fields.at(i));
    }
  }
  std::vector<double> numbers(const std::string& name) const {
    std::vector<double> values;
    for (const std::string& field : columns.at(name))
      values.push_back(field.empty() ? kNaN : std::stod(field));
    return values;
  }
};

std::vector<double> numbers(const json::value& array) {
  std::vector<double> values;
  for (const json::value& each : array.as_array())
    values.push_back(each.is_null() ? kNaN : each.to_number<double>());
  return values;
}

double sum(const std::vector<double>& values) {
  double total = 0;
  for (const double value : values)
    if (!std::isnan(value)) total += value;
  return total;
}

void expect_near(double is, double should, double relative, const std::string& what) {
  if (std::isnan(should)) {
    EXPECT_TRUE(std::isnan(is)) << what;
  } else {
    EXPECT_NEAR(is, should, relative * std::abs(should) + 1e-12) << what;
  }
}

class ReportDocumentTest : public ::testing::Test {
 protected:
  // Makes a run in the folder `name`.
  void run(const std::string& name, std::vector<std::string> options) {
    for (const char* word : {"--quiet", "--output"}) options.emplace_back(word);
    options.push_back(path(name));
    const Printed printed = call(options, execute);
    ASSERT_TRUE(printed.code == 0 || printed.code == 3) << printed.err;
  }
  json::object document(std::size_t most_bytes = 3'500'000) {
    ReportOptions options;
    options.folders = {directory_.path()};
    options.made = "2026-01-02T03:04:05Z";
    options.command = command_text;
    options.most_bytes = most_bytes;
    text_ = make_report(options).json;
    return json::parse(text_).as_object();
  }
  std::string path(const std::string& name) { return (directory_.path() / name).string(); }
  Csv rounds(const std::string& name) { return Csv(read_text(path(name) + "/iterations.csv")); }
  Csv tasks(const std::string& name) { return Csv(gunzip(path(name) + "/workers.csv.gz")); }
  json::object result(const std::string& name) {
    return json::parse(read_text(path(name) + "/run.json")).as_object();
  }

  TemporaryDirectory directory_;
  std::string text_;
};

const std::vector<std::string> kLagging = {"--synthetic",  "n=600,d=20,density=0.3",
                                           "--workers",    "4",
                                           "--target-gap", "1e-7",
                                           "--protocol",   "async",
                                           "--tau",        "3",
                                           "--straggler",  "bimodal:p=0.2,factor=9"};

TEST_F(ReportDocumentTest, SeriesAreTheRowsOfIterations) {
  run("a", kLagging);
  const json::object run = document().at("runs").at(0).as_object();
  const json::object& series = run.at("series").as_object();
  const Csv csv = rounds("a");
  const json::object told = result("a");
  const std::vector<double> kept = numbers(series.at("round"));
  ASSERT_GE(kept.size(), 10u);
  EXPECT_EQ(kept.front(), 1);
  EXPECT_EQ(kept.back(), csv.numbers("round").back());
  const double startup = told.at("startup_seconds").to_number<double>();
  const std::vector<double> up = csv.numbers("bytes_up"), down = csv.numbers("bytes_down");
  const std::vector<double> at = csv.numbers("virtual_s");
  double bytes = 0;
  std::size_t k = 0;
  for (std::size_t row = 0; row < at.size(); ++row) {
    bytes += up[row] + down[row];
    if (static_cast<double>(row + 1) != kept[k]) continue;
    for (const char* name : {"virtual_s", "wall_s", "objective", "gap", "primal", "dual", "rho",
                             "staleness_max", "age_max"})
      expect_near(numbers(series.at(name)).at(k), csv.numbers(name)[row], 1e-5, name);
    EXPECT_EQ(numbers(series.at("bytes")).at(k), bytes);
    expect_near(numbers(series.at("solving_s")).at(k), std::max(at[row] - startup, 0.0), 1e-5, "");
    ++k;
  }
  EXPECT_EQ(k, kept.size());
  EXPECT_EQ(run.at("phi_star"), told.at("reference_objective"));
  EXPECT_EQ(run.at("phi_star_from"), "reference");
}

TEST_F(ReportDocumentTest, WorkerSecondsAndDollarsAreThoseOfTheFleet) {
  run("a", kLagging);
  const json::object run = document().at("runs").at(0).as_object();
  const json::object& series = run.at("series").as_object();
  const Csv lives(read_text(path("a") + "/fleet.csv"));
  const std::vector<double> invoked = lives.numbers("invoked"), ended = lives.numbers("ended");
  const std::vector<double> at = numbers(series.at("virtual_s"));
  const json::object told = result("a");
  const double memory_gb = told.at("configuration").at("memory-mb").to_number<double>() / 1024;
  for (std::size_t k = 0; k < at.size(); ++k) {
    double seconds = 0, requests = 0;
    for (std::size_t i = 0; i < invoked.size(); ++i) {
      seconds += std::max(std::min(at[k], ended[i]) - invoked[i], 0.0);
      requests += invoked[i] <= at[k] ? 1 : 0;
    }
    expect_near(numbers(series.at("worker_s"))[k], seconds, 1e-4, "worker_s");
    // Each life is paid in whole milliseconds.
    EXPECT_NEAR(numbers(series.at("dollars"))[k],
                seconds * memory_gb * 0.0000166667 + requests * 0.2e-6,
                requests * 0.001 * memory_gb * 0.0000166667 + 1e-9);
  }
  expect_near(numbers(series.at("dollars")).back(),
              told.at("cost").at("dollars").to_number<double>(), 1e-5, "dollars at the end");
}

TEST_F(ReportDocumentTest, TasksAndWorkersAreThoseOfTheRows) {
  run("a", kLagging);
  const json::object run = document().at("runs").at(0).as_object();
  const json::object& told = run.at("tasks").as_object();
  const Csv csv = tasks("a");
  const std::vector<std::string>& outcomes = csv.columns.at("outcome");
  for (const char* outcome : {"accepted", "discarded", "revoked", "failed", "unfinished"})
    EXPECT_EQ(told.at("outcomes").at(outcome).as_int64(),
              std::count(outcomes.begin(), outcomes.end(), outcome))
        << outcome;
  for (const char* name : {"compute", "pause"}) {  // start-up is in none of these
    const std::vector<double> values = csv.numbers(name);
    const auto there = std::count_if(values.begin(), values.end(),
                                     [](double value) { return !std::isnan(value); });
    EXPECT_EQ(sum(numbers(told.at(name).at("counts"))), static_cast<double>(there)) << name;
  }
  std::map<double, double> staleness;
  const std::vector<double> each = csv.numbers("staleness");
  for (std::size_t i = 0; i < each.size(); ++i)
    if (outcomes[i] == "accepted") ++staleness[each[i]];
  const std::vector<double> counts = numbers(told.at("staleness"));
  ASSERT_GE(counts.size(), 3u);  // some came late
  for (std::size_t s = 0; s < counts.size(); ++s)
    EXPECT_EQ(counts[s], staleness[static_cast<double>(s)]);
  // Ages: each shard at each update, none above tau, the largest those of the rounds.
  const std::vector<double> ages = numbers(told.at("age"));
  EXPECT_EQ(sum(ages), 4.0 * static_cast<double>(rounds("a").numbers("round").size()));
  const std::vector<double> oldest = rounds("a").numbers("age_max");
  EXPECT_EQ(static_cast<double>(ages.size() - 1), *std::max_element(oldest.begin(), oldest.end()));
  const Csv workers(read_text(path("a") + "/per_worker.csv"));
  for (const char* name :
       {"compute", "idle", "delay", "communication", "cold_start", "responsiveness"}) {
    const std::vector<double> is = numbers(run.at("workers").at(name));
    const std::vector<double> should = workers.numbers(name);
    ASSERT_EQ(is.size(), should.size());
    for (std::size_t w = 0; w < is.size(); ++w) expect_near(is[w], should[w], 1e-5, name);
  }
}

// Of an interval, what comes after `startup`.
double after(double startup, double from, double to) {
  return std::isnan(to - from) ? 0 : std::max(to, startup) - std::max(from, startup);
}

// Workers are there after 0.3 s at the earliest; the last one takes some more.
TEST_F(ReportDocumentTest, StartUpIsToldApart) {
  std::vector<std::string> options = kLagging;
  for (const char* word : {"--cold-start", "0.3", "--invoke-rate", "20"})
    options.emplace_back(word);
  run("a", options);
  const json::object run = document().at("runs").at(0).as_object();
  const json::object& told = run.at("tasks").as_object();
  const double startup = result("a").at("startup_seconds").to_number<double>();
  ASSERT_GT(startup, 0.3);
  const Csv csv = tasks("a");
  const auto column = [&](const char* name) { return csv.numbers(name); };
  const auto sent = column("dispatched"), started = column("started"), pause = column("pause"),
             finished = column("finished"), arrived = column("arrived"), idle = column("idle");
  double compute = 0, idles = 0, ways = 0, waits = 0, delays = 0, some_wait = 0;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    compute += after(startup, started[i] + pause[i], finished[i]);
    const double idled = after(startup, started[i] - idle[i], started[i]);
    idles += idled;
    ways += after(startup, sent[i], started[i]) + after(startup, finished[i], arrived[i]);
    waits += !std::isnan(idle[i]) && started[i] - idle[i] >= startup - 1e-12;
    delays += !std::isnan(arrived[i]) && sent[i] >= startup - 1e-12;
    some_wait += !std::isnan(idle[i]);
  }
  EXPECT_LT(waits, some_wait) << "or this test shows nothing";
  const auto seconds = [&](const char* name) {
    return told.at("seconds").at(name).to_number<double>();
  };
  expect_near(seconds("startup"), 4 * startup, 1e-5, "startup");
  expect_near(seconds("compute"), compute, 1e-5, "compute");
  expect_near(seconds("idle"), idles, 1e-5, "idle");
  expect_near(seconds("communication"), ways, 1e-5, "communication");
  EXPECT_EQ(sum(numbers(told.at("idle").at("counts"))), waits);
  EXPECT_EQ(sum(numbers(told.at("delay").at("counts"))), delays);
  const std::vector<double> computed = column("compute");
  EXPECT_EQ(sum(numbers(told.at("compute").at("counts"))),
            static_cast<double>(std::count_if(computed.begin(), computed.end(),
                                              [](double value) { return !std::isnan(value); })));
  const Csv workers(read_text(path("a") + "/per_worker.csv"));
  for (const char* name : {"compute", "idle", "delay", "communication"}) {
    const std::vector<double> is = numbers(run.at("workers").at(name));
    for (std::size_t w = 0; w < is.size(); ++w)
      expect_near(is[w], workers.numbers(name)[w], 1e-5, name);
  }
}

TEST_F(ReportDocumentTest, ATimelineHasEveryTaskOfTheRun) {
  run("a", kLagging);
  const json::object run = document().at("runs").at(0).as_object();
  const json::object& timeline = run.at("timeline").as_object();
  const Csv csv = tasks("a");
  EXPECT_EQ(timeline.at("workers"), 4);
  for (const char* name : {"worker", "shard", "round"})
    EXPECT_EQ(numbers(timeline.at("task").at(name)), csv.numbers(name)) << name;
  for (const char* name : {"dispatched", "started", "finished", "arrived"}) {
    const std::vector<double> is = numbers(timeline.at("task").at(name));
    const std::vector<double> should = csv.numbers(name);
    ASSERT_EQ(is.size(), should.size());
    for (std::size_t i = 0; i < is.size(); ++i) {
      if (std::isnan(should[i]))
        EXPECT_TRUE(std::isnan(is[i]));
      else
        EXPECT_NEAR(is[i], should[i], 1e-5);
    }
  }
  const std::vector<double> outcome = numbers(timeline.at("task").at("outcome"));
  for (std::size_t i = 0; i < outcome.size(); ++i)
    EXPECT_EQ(timeline.at("outcome_names").at(static_cast<std::size_t>(outcome[i])).as_string(),
              csv.columns.at("outcome")[i]);
  EXPECT_EQ(timeline.at("updates").as_array().size(), rounds("a").numbers("round").size());
  EXPECT_EQ(timeline.at("lives").as_array().size(),
            Csv(read_text(path("a") + "/fleet.csv")).columns.at("worker").size());
}

TEST_F(ReportDocumentTest, OneOfEachProtocolHasItsTimelineFirstAndTheBudgetHolds) {
  const std::vector<std::string> small = {
      "--synthetic", "n=600,d=20,density=0.3", "--max-rounds", "60", "--stop", "none"};
  for (const char* protocol : {"sync", "backup"})
    for (const char* seed : {"1", "2", "3"}) {
      std::vector<std::string> options = small;
      for (const char* word : {"--protocol", protocol, "--seed", seed}) options.emplace_back(word);
      run(std::string(protocol) + seed, options);
    }
  const auto with_timeline = [&](std::size_t most_bytes) {
    std::vector<std::string> names;
    const json::object made = document(most_bytes);
    for (const json::value& each : made.at("runs").as_array())
      if (!each.at("timeline").is_null())
        names.emplace_back(fs::path(std::string(each.at("folder").as_string())).filename());
    return names;
  };
  EXPECT_TRUE(with_timeline(1).empty());
  const std::size_t least = base64(packed(text_)).size();
  EXPECT_EQ(with_timeline(3'500'000).size(), 6u);
  const std::size_t most = (least + base64(packed(text_)).size()) / 2;
  const auto some = with_timeline(most);
  EXPECT_LE(base64(packed(text_)).size(), most);
  EXPECT_THAT(some, testing::IsSupersetOf({"backup1", "sync1"}));
  EXPECT_LT(some.size(), 6u);
}

TEST_F(ReportDocumentTest, SaysWhatItIsMadeOf) {
  run("a", kLagging);
  const json::object made = document();
  EXPECT_EQ(made.at("schema"), 1);
  EXPECT_EQ(made.at("made"), "2026-01-02T03:04:05Z");
  EXPECT_EQ(made.at("title"), json::string(directory_.path().filename().string()));
  const json::object& run = made.at("runs").at(0).as_object();
  EXPECT_EQ(run.at("status"), "finished");
  EXPECT_EQ(run.at("label"), "async");
  EXPECT_EQ(run.at("options"), result("a").at("configuration"));
  EXPECT_EQ(run.at("result").at("iterate_digest"), result("a").at("iterate_digest"));
  EXPECT_FALSE(run.at("result").as_object().contains("configuration"));
  EXPECT_EQ(run.at("command"),
            "runner --protocol async --workers 4 --synthetic "
            "n=600,d=20,density=0.3,nu=sample,seed=1 --target-gap 1e-07 --straggler "
            "bimodal:p=0.2,factor=9 --tau 3");
}

TEST_F(ReportDocumentTest, ARunThatIsCutOffIsShownAsFarAsItCame) {
  run("a", kLagging);
  json::object told = result("a");
  for (const char* name : {"virtual_seconds", "startup_seconds", "cost", "workers"})
    told.erase(name);
  told["status"] = "running";  // and nobody holds its lock
  write_text(path("a/run.json"), json::serialize(told));
  const std::string whole = read_text(path("a/iterations.csv"));
  const std::size_t fifth = whole.find("\n6,");
  write_text(path("a/iterations.csv.part"), whole.substr(0, fifth + 3));
  fs::remove(path("a/iterations.csv"));
  fs::remove(path("a/fleet.csv"));
  const json::object made = document();
  const json::object& run = made.at("runs").at(0).as_object();
  EXPECT_EQ(run.at("status"), "interrupted");
  EXPECT_EQ(numbers(run.at("series").at("round")), (std::vector<double>{1, 2, 3, 4, 5}));
  EXPECT_TRUE(run.at("series").at("dollars").at(0).is_null());
  EXPECT_THAT(std::string(made.at("warnings").at(0).as_string()),
              HasSubstr("1 run interrupted, shown as far as they came"));
}

TEST_F(ReportDocumentTest, ADamagedFileIsAWarning) {
  run("a", kLagging);
  write_text(path("a/workers.csv.gz"), read_text(path("a/workers.csv.gz")).substr(0, 300));
  const json::object made = document();
  EXPECT_TRUE(made.at("runs").at(0).at("tasks").is_null());
  EXPECT_THAT(std::string(made.at("warnings").at(0).as_string()),
              testing::AllOf(HasSubstr("workers.csv.gz"), HasSubstr("; left out")));
}

// ---- The command of a run ----

TEST(CommandText, MakesTheSameConfigurationFromFewerOptions) {
  for (const std::vector<std::string>& options : std::vector<std::vector<std::string>>{
           {},
           {"--protocol", "async", "--tau", "8", "--workers", "64"},
           {"--protocol", "coded", "--code", "cyclic", "--redundancy", "2", "--method", "fista"},
           {"--data", "it's here.svm", "--loss", "squared", "--regularizer", "none"},
           {"--stop", "none", "--max-rounds", "5", "--output", "x", "--quiet"}}) {
    const json::object wanted = configuration_json(parse_command_line(options).config);
    const std::string text = command_text(wanted);
    std::vector<std::string> words(1);
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\'')
        quoted = !quoted;
      else if (text[i] == '\\')
        words.back() += text[++i];
      else if (text[i] == ' ' && !quoted)
        words.emplace_back();
      else
        words.back() += text[i];
    }
    EXPECT_EQ(words.front(), "runner");
    words.erase(words.begin());
    json::object got = configuration_json(parse_command_line(words).config);
    for (const auto& [name, value] : wanted)
      if (name != "output" && name != "quiet") {
        EXPECT_EQ(got[name], value) << text << name;
      }
    EXPECT_LE(words.size(), options.size() + 2) << text;
  }
}

TEST(CommandText, TellsEverythingWhereItCannotBeResolved) {
  EXPECT_EQ(command_text({{"protocol", "./no.so"}, {"tau", 3}}),
            "runner --protocol ./no.so --tau 3");
}

}  // namespace
}  // namespace laggard
