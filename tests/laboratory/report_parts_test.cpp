// The parts that a report is made of.
#include "runners/laboratory/report/figures.hpp"
#include "runners/laboratory/report/labels.hpp"
#include "runners/laboratory/report/packed.hpp"
#include "runners/laboratory/report/page.hpp"
#include "runners/laboratory/report/series.hpp"
#include "runners/laboratory/report/task_summary.hpp"
#include "runners/laboratory/report/warnings.hpp"
#include "runners/laboratory/results/optimum.hpp"

#include "core/io/error.hpp"
#include "tests/support/gunzip.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <boost/json/parse.hpp>

#include <cmath>
#include <numeric>
#include <random>

namespace laggard {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

StoredRun found(const std::string& run_json) {
  StoredRun run;
  run.run = json::parse(run_json).as_object();
  run.status = "finished";
  run.folder = "f";
  return run;
}

// ---- Series ----

TEST(KeptRows, AllOfAShortRun) {
  EXPECT_THAT(kept_rows({3, 2, 1}, 3), ElementsAre(0, 1, 2));
  EXPECT_TRUE(kept_rows({}, 3).empty());
}

TEST(KeptRows, HoldTheEndsAndEveryFirstRowWithinAPowerOfTen) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> noise(0.5, 2);
  std::vector<double> gaps;
  for (int i = 0; i < 20'000; ++i) gaps.push_back(std::pow(10.0, -i / 2000.0) * noise(random));
  for (const std::size_t most : {40, 300}) {
    const std::vector<std::size_t> kept = kept_rows(gaps, most);
    EXPECT_LE(kept.size(), most);
    EXPECT_GE(kept.size(), most / 2);
    EXPECT_EQ(kept.front(), 0u);
    EXPECT_EQ(kept.back(), gaps.size() - 1);
    EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end()));
    for (int power = 0; power >= -9; --power) {
      const auto first = std::find_if(gaps.begin(), gaps.end(),
                                      [&](double gap) { return gap <= std::pow(10.0, power); });
      const auto row = static_cast<std::size_t>(first - gaps.begin());
      EXPECT_TRUE(std::binary_search(kept.begin(), kept.end(), row)) << power;
    }
  }
}

TEST(KeptRows, ARunWithoutGapsIsSpreadEvenly) {
  const std::vector<std::size_t> kept = kept_rows(std::vector<double>(10'000, kNaN), 100);
  EXPECT_LE(kept.size(), 100u);
  EXPECT_EQ(kept.back(), 9999u);
  std::size_t widest = 0;
  for (std::size_t i = 1; i < kept.size(); ++i) widest = std::max(widest, kept[i] - kept[i - 1]);
  EXPECT_LE(widest, 10'000u / 45);
}

// ---- Histograms ----

TEST(HistogramOf, EveryValueLiesInItsBin) {
  std::mt19937_64 random(3);
  std::lognormal_distribution<double> draw(-5, 3);
  std::vector<double> values(1000);
  for (double& value : values) value = draw(random);
  values.insert(values.end(), {0, 0, 0, 1, 10});
  const Histogram histogram = histogram_of(values);
  ASSERT_EQ(histogram.edges.size(), histogram.counts.size() + 1);
  EXPECT_EQ(histogram.edges.front(), 0);
  for (std::size_t i = 0; i < histogram.counts.size(); ++i)
    EXPECT_EQ(histogram.counts[i], std::count_if(values.begin(), values.end(),
                                                 [&](double value) {
                                                   return histogram.edges[i] <= value &&
                                                          value < histogram.edges[i + 1];
                                                 }))
        << histogram.edges[i];
  EXPECT_EQ(std::accumulate(histogram.counts.begin(), histogram.counts.end(), std::int64_t{0}),
            1005);
}

TEST(HistogramOf, HistogramsOfOtherValuesHaveTheSameEdges) {
  const Histogram one = histogram_of({0.01, 0.2}), other = histogram_of({0.0123, 0.5});
  const auto at = std::find(one.edges.begin(), one.edges.end(), other.edges.front());
  ASSERT_NE(at, one.edges.end());
  EXPECT_TRUE(std::equal(at, one.edges.end(), other.edges.begin()));
  EXPECT_TRUE(histogram_of({}).edges.empty());
  EXPECT_EQ(histogram_of({0, 0}).counts, std::vector<std::int64_t>{2});
}

// ---- Gaps ----

const char* const kWithout = R"({"problem_fingerprint": "p", "objective": 12, "certified_gap": 0.2,
  "configuration": {"data": "d", "loss": "logistic", "regularizer": "l1:1"}})";

TEST(Optima, TheReferenceOfOneRunServesAllOfTheSameProblem) {
  std::vector<std::string> warnings;
  const auto best = optima({found(kWithout), found(R"({"problem_fingerprint": "p", "objective": 11,
                              "reference_objective": 10, "configuration": {"data": "d"}})"),
                            found(R"({"problem_fingerprint": "q", "reference_objective": 5,
                              "configuration": {"data": "e"}})")},
                           warnings);
  EXPECT_EQ(best[0].phi, 10);
  EXPECT_EQ(best[0].from, "reference");
  EXPECT_EQ(best[2].phi, 5);
  EXPECT_TRUE(warnings.empty());
  RoundRow row;
  row.objective = 12;
  EXPECT_DOUBLE_EQ(gap_to(best[0], row), 0.2);
  row.objective = 0.75;
  EXPECT_DOUBLE_EQ(gap_to({0.5, "reference"}, row), 0.25);  // (3.1): at least 1 below
}

TEST(Optima, WithoutAReferenceTheBestCertifiedBoundCounts) {
  std::vector<std::string> warnings;
  // Bounds: 12 / 1.2 = 10 and 11 / 1.01.
  const auto best = optima({found(kWithout), found(R"({"problem_fingerprint": "p", "objective": 11,
                              "certified_gap": 0.01, "configuration": {"data": "d"}})")},
                           warnings);
  EXPECT_DOUBLE_EQ(best[0].phi, 11 / 1.01);
  EXPECT_EQ(best[0].from, "certificate");
  EXPECT_EQ(best[1].phi, best[0].phi);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0], HasSubstr("d, logistic + l1:1: no run has the optimum"));
}

TEST(Optima, BoundsBelowOneAndBelowZeroAreFoundAgain) {
  for (const double bound : {-20.0, -0.5, 0.0, 0.5, 20.0}) {
    const double objective = bound + 0.25;
    const double certified = 0.25 / std::max(1.0, std::abs(bound));
    StoredRun run = found(kWithout);
    run.run["objective"] = objective;
    run.run["certified_gap"] = certified;
    std::vector<std::string> warnings;
    EXPECT_NEAR(optima({run}, warnings)[0].phi, bound, 1e-13);
  }
}

TEST(Optima, ElseTheLeastObjectiveWithAWarning) {
  std::vector<std::string> warnings;
  const auto best = optima({found(R"({"objective": 4, "configuration": {"data": "d"}})"),
                            found(R"({"objective": 3, "configuration": {"data": "d"}})"),
                            found(R"({"configuration": {"data": "e"}})")},
                           warnings);
  EXPECT_EQ(best[0].phi, 3);
  EXPECT_EQ(best[0].from, "best run");
  EXPECT_TRUE(std::isnan(best[2].phi));
  EXPECT_EQ(warnings.size(), 2u);
}

TEST(Optima, OfAMethodThatTrainsNothingThatIsSaid) {
  std::vector<std::string> warnings;
  optima({found(R"({"configuration": {"data": "d", "method": "payload"}})")}, warnings);
  EXPECT_THAT(warnings,
              ElementsAre("method payload: nothing is trained, so that there are no gaps"));
}

// ---- Labels ----

StoredRun with(const std::string& options) {
  return found(R"({"configuration": {)" + options + "}}");
}

TEST(Labels, NameTheOptionsThatTellRunsApart) {
  EXPECT_THAT(labels({with(R"("protocol": "sync", "workers": 4, "seed": 1, "rho": 1)"),
                      with(R"("protocol": "sync", "workers": 8, "seed": 2, "rho": 1)"),
                      with(R"("protocol": "async", "workers": 4, "tau": 2)"),
                      with(R"("protocol": "async", "workers": 4, "tau": 8)")}),
              ElementsAre("sync", "sync", "async tau=2", "async tau=8"));
}

TEST(Labels, NameAMethodThatIsNotTheUsualOne) {
  EXPECT_THAT(
      labels({with(R"("protocol": "sync", "method": "kmeans")"),
              with(R"("protocol": "async", "method": "admm")"),
              with(R"("protocol": "coded", "method": "admm")"),
              with(R"("protocol": "coded", "method": "fista")")}),
      ElementsAre("sync method=kmeans", "async", "coded method=admm", "coded method=fista"));
}

TEST(Labels, LeaveOutWhatFollowsFromTheNumberOfWorkersOrFromAnotherOption) {
  EXPECT_THAT(
      labels({with(R"("protocol": "async", "workers": 4, "min-arrivals": 1, "max-tasks": 4)"),
              with(R"("protocol": "async", "workers": 8, "min-arrivals": 2, "max-tasks": 8)"),
              with(R"("protocol": "coded", "shards": 2, "redundancy": 2)"),
              with(R"("protocol": "coded", "shards": 1, "redundancy": 4)")}),
      ElementsAre("async", "async", "coded redundancy=2", "coded redundancy=4"));
}

// ---- Warnings ----

TEST(Warnings, TellOfRunsThatFailedAndOfWhatIsMixed) {
  StoredRun failed = found(R"({"configuration": {}, "error": "no such file", "version": "0.1.0"})");
  failed.status = "failed";
  StoredRun other = found(R"({"configuration": {}, "version": "0.2.0",
                             "environment": {"cpu": "A"}})");
  EXPECT_THAT(warnings_of({failed, other}),
              ElementsAre("1 run failed: f (no such file)",
                          "made with 2 versions: 0.1.0 (1 run), 0.2.0 (1 run)"));
  EXPECT_TRUE(warnings_of({other, other}).empty());
}

TEST(Warnings, TheSameRunInTwoPlacesIsShownOnce) {
  std::vector<StoredRun> runs = {found(R"({"id": "a"})"), found(R"({"id": "a"})"),
                                 found(R"({"id": "b"})")};
  runs[1].folder = "g";
  runs[2].folder = "h";
  EXPECT_THAT(drop_repeated(runs), ElementsAre("1 run met twice, and shown once"));
  EXPECT_EQ(runs.size(), 2u);
}

TEST(Warnings, InRealTimeRunsOfOneIdentityAreRepetitions) {
  const auto real = [](const char* folder, const char* seconds) {
    StoredRun run = found(std::string(R"({"id": "a", "fleet": "threads", "iterate_digest": "d",
                          "started": "s", "virtual_seconds": )") +
                          seconds + "}");
    run.folder = folder;
    return run;
  };
  std::vector<StoredRun> runs = {real("e", "0.378"), real("f", "0.350"), real("g", "0.378")};
  EXPECT_THAT(drop_repeated(runs), ElementsAre("1 run met twice, and shown once"))
      << "the last is a copy of the first";
  EXPECT_EQ(runs.size(), 2u);
}

TEST(Warnings, InVirtualTimeRunsOfOneIdentityAreOneWhereverTheyWereMade) {
  const auto simulated = [](const char* folder, const char* started, const char* digest) {
    StoredRun run = found(std::string(R"({"id": "a", "fleet": "sim", "started": ")") + started +
                          R"(", "iterate_digest": ")" + digest + R"("})");
    run.folder = folder;
    return run;
  };
  std::vector<StoredRun> runs = {simulated("e", "1", "d"), simulated("f", "2", "d"),
                                 simulated("g", "3", "other")};
  EXPECT_THAT(drop_repeated(runs), ElementsAre("1 run met twice, and shown once"));
  EXPECT_EQ(runs.size(), 2u);
}

// ---- Page and figures ----

TEST(ReportPage, HoldsTheDocumentToTheLastByte) {
  std::string document = R"({"text": "</script><!-- \u00e9"})";
  document += std::string(100'000, ' ');
  const std::string page = report_page(document);
  EXPECT_EQ(page, report_page(document));
  const std::string begin = R"(<script id="laggard-data" type="application/octet-stream;base64">)";
  const std::size_t at = page.find(begin) + begin.size();
  const std::string text = page.substr(at, page.find('<', at) - at);
  std::string bytes(text.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  ASSERT_GT(size, 0);
  TemporaryDirectory directory;
  write_text(directory.path() / "data.gz", bytes.substr(0, static_cast<std::size_t>(size)));
  EXPECT_EQ(gunzip(directory.path() / "data.gz").substr(0, document.size()), document);
}

TEST(ReportPage, NeedsNoNetwork) {
  EXPECT_THAT(std::string(report_template()), HasSubstr("default-src 'none'"));
}

TEST(Figures, AreWhatTheProgramDraws) {
  const auto figures = draw_figures(
      R"(function laggardFigures(text) {
           setTimeout(function () { throw 1; }, 0);
           return JSON.stringify([{name: 'gap_1', title: 'T', 
                                  svg: JSON.parse(text).a + Math.random()}]);
         })",
      R"({"a": "<svg/>"})");
  ASSERT_EQ(figures.size(), 1u);
  EXPECT_EQ(figures[0].name, "gap_1");
  EXPECT_EQ(figures[0].title, "T");
  EXPECT_THAT(figures[0].svg, testing::StartsWith("<svg/>0."));
}

TEST(Figures, ADefectOfTheProgramIsTold) {
  const auto message = [](const char* program) {
    try {
      draw_figures(program, "{}");
    } catch (const InvariantViolation& defect) {
      return std::string(defect.what());
    }
    return std::string("none");
  };
  EXPECT_THAT(message("function ("), HasSubstr("SyntaxError"));
  EXPECT_THAT(message("function laggardFigures() { return missing; }"), HasSubstr("missing"));
  EXPECT_THAT(message("function laggardFigures() { return 1; }"), HasSubstr("no text"));
  EXPECT_THAT(
      message("function laggardFigures() { return '[{\"name\": \"../a\", \"svg\": \"b\"}]'; }"),
      HasSubstr("../a"));
}

}  // namespace
}  // namespace laggard
