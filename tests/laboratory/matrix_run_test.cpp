// Matrices as people run them: the program, its cells as processes, and what is left when they die.
#include "runners/laboratory/matrix/cell_folder.hpp"

#include "tests/runner/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <random>
#include <set>

namespace laggard {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

// Cells of a few milliseconds.
const std::string kQuick =
    R"("base": {"synthetic": "n=60,d=5,density=0.5", "stop": "none", "max-rounds": 4})";
// Cells that only a signal ends.
const std::string kEndless =
    R"("base": {"synthetic": "n=60,d=5,density=0.5", "stop": "none", "max-rounds": 1e9})";

class MatrixRun : public Program {
 protected:
  std::string write(const std::string& text) {
    write_text(path("m.json"), text);
    return path("m.json");
  }
  std::vector<std::string> arguments(const std::string& action,
                                     const std::vector<std::string>& more = {},
                                     const std::string& output = "kept") {
    std::vector<std::string> all = {"matrix", path("m.json"), action, "--output", path(output)};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  int matrix(const std::string& action, const std::vector<std::string>& more = {},
             const std::string& output = "kept") {
    return run(arguments(action, more, output));
  }
  std::string status(const std::string& output = "kept") {
    EXPECT_EQ(matrix("status", {"--json"}, output), 0) << err();
    return out();
  }
  std::vector<fs::path> cells(const std::string& output = "kept") const {
    std::vector<fs::path> all;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(path(output) + "/cells", ignored))
      all.push_back(entry.path());
    std::ranges::sort(all);
    return all;
  }
  // What each cell has written of itself, by id.
  std::map<std::string, std::string> records(const std::string& output = "kept") const {
    std::map<std::string, std::string> all;
    for (const fs::path& cell : cells(output))
      all[cell.filename().string()] = read_text(cell / "run.json");
    return all;
  }

  // Until it holds; gives up where the program has ended by itself.
  template <class Condition>
  static bool until(pid_t child, Condition holds) {
    while (!holds()) {
      siginfo_t info{};
      if (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
          info.si_pid == child)
        return holds();
      std::this_thread::yield();
    }
    return true;
  }
  bool any_at_work(const std::string& output = "kept") const {
    return std::ranges::any_of(cells(output), [](const fs::path& cell) {
      return fs::exists(cell / "run.json") && is_in_use(cell);
    });
  }
  // A killed program's cells die with it, but a moment later.
  void await_rest(const std::string& output = "kept") const {
    while (std::ranges::any_of(cells(output), is_in_use)) std::this_thread::yield();
  }
};

TEST_F(MatrixRun, MakesEachCellOnce) {
  write("{" + kQuick + R"(, "axes": {"protocol": ["sync", "async"], "workers": [2, 4]}})");
  ASSERT_EQ(matrix("run"), 0) << err();
  EXPECT_THAT(out(),
              AllOf(HasSubstr("\n4/4  "), HasSubstr("kept: 4 cells: 4 done, 0 failed, 0 to do")));
  EXPECT_EQ(err(), "");
  EXPECT_EQ(status(), "{\"cells\":4,\"done\":4,\"failed\":0,\"to_do\":0}\n");
  const auto before = records();
  EXPECT_THAT(before, SizeIs(4));
  for (const auto& [id, text] : before) {
    const json::value record = json::parse(text);
    EXPECT_EQ(record.at("id").as_string(), id);
    EXPECT_EQ(record.at("status").as_string(), "finished");
    EXPECT_EQ(record.at("rounds").as_int64(), 4);
  }
  EXPECT_EQ(read_text(path("kept/matrix.json")), read_text(path("m.json")));
  ASSERT_EQ(matrix("run"), 0) << err();
  EXPECT_EQ(out(), path("kept") + ": 4 cells: 4 done, 0 failed, 0 to do\n");
  EXPECT_EQ(records(), before) << "byte for byte, times and all";
}

TEST_F(MatrixRun, TheSameCommandByHandIsTheSameRun) {
  write("{" + kQuick +
        R"(, "axes": {"protocol": [{"protocol": "async", "min-arrivals": "W/4"}]}})");
  ASSERT_EQ(matrix("run"), 0) << err();
  ASSERT_EQ(run({"--synthetic", "n=60,d=5,density=0.5", "--stop", "none", "--max-rounds", "4",
                 "--protocol", "async", "--min-arrivals", "4", "--output", path("hand")}),
            3)
      << err();
  const json::value by_hand = json::parse(read_text(path("hand/run.json")));
  const json::value cell = json::parse(read_text(cells().at(0) / "run.json"));
  EXPECT_EQ(by_hand.at("id"), cell.at("id"));
  EXPECT_EQ(by_hand.at("iterate_digest"), cell.at("iterate_digest"));
}

TEST_F(MatrixRun, OneFailedCellDoesNotStopTheOthers) {
  write_text(path("bad.svm"), "this is no data\n");
  write(R"({"base": {"max-rounds": 4, "stop": "none"}, "axes": {"seed": [1, 2],
          "problem": [{"synthetic": "n=60,d=5,density=0.5"}, {"data": "bad.svm"}]}})");
  EXPECT_EQ(matrix("run", {"--jobs", "1"}), 6);
  EXPECT_THAT(out(), HasSubstr("4 cells: 2 done, 2 failed, 0 to do"));
  EXPECT_THAT(err(), AllOf(HasSubstr("runner: cell seed=1,data=bad.svm failed: "),
                           HasSubstr("bad.svm:1"), HasSubstr("; see " + path("kept/cells/"))));
  EXPECT_EQ(status(), "{\"cells\":4,\"done\":2,\"failed\":2,\"to_do\":0}\n");
  int failed = 0;
  for (const auto& [id, text] : records()) {
    const json::value record = json::parse(text);
    EXPECT_EQ(record.at("id").as_string(), id);
    if (record.at("status").as_string() != "failed") continue;
    ++failed;
    EXPECT_EQ(record.at("exit_code").as_int64(), 2);
    EXPECT_THAT(std::string(record.at("error").as_string()), HasSubstr("bad.svm:1"));
    EXPECT_THAT(read_text(path("kept/cells/" + id + "/log.txt")), HasSubstr("bad.svm:1"));
  }
  EXPECT_EQ(failed, 2);

  EXPECT_EQ(matrix("run", {"--retry", "interrupted"}), 6) << "failed cells are left alone";
  EXPECT_EQ(err(), "");
  EXPECT_EQ(matrix("run"), 6) << "they are run again";
  EXPECT_THAT(err(), HasSubstr("bad.svm:1"));
  EXPECT_EQ(matrix("run", {"--fail-fast", "--jobs", "1"}, "fast"), 6);
  EXPECT_THAT(out(), AllOf(HasSubstr(" 1 failed, "), testing::Not(HasSubstr(" 0 to do"))));
}

TEST_F(MatrixRun, ACellThatIsKilledHasFailedAndIsMadeAgain) {
  write(
      R"({"base": {"synthetic": "n=20000,d=100,density=0.1", "stop": "none", "max-rounds": 150}})");
  const pid_t child = start(arguments("run"));
  ASSERT_TRUE(until(child, [&] { return any_at_work(); })) << err();
  const fs::path lock = cells().at(0) / ".lock";
  ::kill(std::stoi(read_text(lock)), SIGKILL);
  EXPECT_EQ(wait(child), 6);
  EXPECT_THAT(err(), HasSubstr("killed by signal 9 (Killed)"));
  EXPECT_EQ(matrix("run"), 0) << err();
  EXPECT_EQ(status(), "{\"cells\":1,\"done\":1,\"failed\":0,\"to_do\":0}\n");
}

TEST_F(MatrixRun, OnlyAndShardsMakeSomeOfTheCells) {
  write("{" + kQuick + R"(, "axes": {"protocol": ["sync", "async"], "workers": [2, 4, 8]}})");
  ASSERT_EQ(matrix("run", {"--only", "protocol=async,workers>=4"}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("kept: 2 cells: 2 done, 0 failed, 0 to do"));
  EXPECT_EQ(status(), "{\"cells\":6,\"done\":2,\"failed\":0,\"to_do\":4}\n");
  EXPECT_EQ(matrix("run", {"--only", "workers=3"}), 2);
  EXPECT_EQ(err(), "runner: --only: workers=3 holds for none of the 6 cells\n");
  std::multiset<std::string> ids;
  for (const std::string shard : {"1/4", "2/4", "3/4", "4/4"}) {
    const std::string output = "part" + shard.substr(0, 1);
    ASSERT_EQ(matrix("run", {"--shard", shard}, output), 0) << err();
    for (const auto& [id, text] : records(output)) ids.insert(id);
  }
  ASSERT_EQ(matrix("run"), 0) << err();
  std::multiset<std::string> all;
  for (const auto& [id, text] : records()) all.insert(id);
  EXPECT_EQ(ids, all);
}

TEST_F(MatrixRun, TwoAtATimeInOneFolderAreOneTooMany) {
  write("{" + kEndless + "}");
  const pid_t first = start(arguments("run"));
  ASSERT_TRUE(until(first, [&] { return any_at_work(); })) << err();
  EXPECT_EQ(matrix("run"), 2);
  EXPECT_EQ(err(), "runner: --output: " + path("kept") + ": in use by process " +
                       std::to_string(first) +
                       "; expected the end of that run, or another folder\n");
  EXPECT_EQ(matrix("clean"), 2) << "nor is it cleaned meanwhile";
  ::kill(first, SIGKILL);
  EXPECT_EQ(wait(first), -SIGKILL);
}

TEST_F(MatrixRun, OneInterruptionDrainsAndASecondEndsTheCellsInOrder) {
  write("{" + kEndless + R"(, "repeat": {"seed": [1, 2, 3]}})");
  const pid_t child = start(arguments("run", {"--jobs", "2"}));
  ASSERT_TRUE(until(child, [&] {
    return std::ranges::count_if(
               cells(), [](const fs::path& cell) { return fs::exists(cell / "run.json"); }) == 2;
  })) << err();
  ::kill(child, SIGINT);
  ASSERT_TRUE(until(child, [&] { return err().ends_with('\n'); }));
  EXPECT_EQ(err(), "runner: no more cells are started; 2 still run, once more stops\n");
  EXPECT_TRUE(any_at_work());
  ::kill(child, SIGINT);
  EXPECT_EQ(wait(child), 130);
  EXPECT_EQ(out(), path("kept") + ": 3 cells: 0 done, 0 failed, 3 to do (2 interrupted)\n");
  for (const auto& [id, text] : records()) {
    EXPECT_EQ(json::parse(text).at("status").as_string(), "interrupted");
    EXPECT_TRUE(fs::exists(path("kept/cells/" + id + "/iterations.csv"))) << "what it had";
  }
  EXPECT_EQ(status(), "{\"cells\":3,\"done\":0,\"failed\":0,\"to_do\":3}\n");
  EXPECT_EQ(matrix("status"), 0);
  EXPECT_EQ(out(), "m: 3 cells: 0 done, 0 failed, 3 to do (2 interrupted)\n");
}

TEST_F(MatrixRun, AnInterruptedRunKeepsWhatWasAtWorkAndGoesOn) {
  write(R"({"base": {"synthetic": "n=20000,d=50,density=0.1", "stop": "none", "max-rounds": 40},
          "repeat": {"seed": [1, 2, 3, 4, 5, 6, 7, 8]}})");
  const pid_t child = start(arguments("run", {"--jobs", "1"}));
  ASSERT_TRUE(until(child, [&] { return any_at_work(); })) << err();
  ::kill(child, SIGHUP);  // a terminal that closes is as good as Ctrl-C, and may say so twice
  ::kill(child, SIGHUP);
  EXPECT_EQ(wait(child), 130);
  const auto before = records();
  EXPECT_GE(before.size(), 1u);
  EXPECT_LT(before.size(), 8u);
  for (const auto& [id, text] : before)
    EXPECT_EQ(json::parse(text).at("status").as_string(), "finished");
  EXPECT_EQ(matrix("run"), 0) << err();
  const auto after = records();
  EXPECT_THAT(after, SizeIs(8));
  for (const auto& [id, text] : before) EXPECT_EQ(after.at(id), text);
}

TEST_F(MatrixRun, CellsInRealTimeRunOneAtATimeUnlessAsked) {
  write(R"({"base": {"synthetic": "n=60,d=5,density=0.5", "stop": "none", "max-rounds": 1e9,
            "fleet": "threads", "workers": 2}, "repeat": {"seed": [1, 2, 3]}})");
  for (const std::size_t most : {1u, 2u}) {
    const std::string output = "kept" + std::to_string(most);
    const pid_t child =
        start(arguments("run", {"--jobs", "3", "--real-time-jobs", std::to_string(most)}, output));
    ASSERT_TRUE(until(child, [&] {
      return std::ranges::count_if(cells(output), [](const fs::path& cell) {
               return fs::exists(cell / "run.json");
             }) == static_cast<std::ptrdiff_t>(most);
    })) << err();
    EXPECT_THAT(cells(output), SizeIs(most));
    ::kill(child, SIGKILL);
    wait(child);
    await_rest(output);
  }
}

TEST_F(MatrixRun, CleanRemovesWhatIsNoResultOfTheMatrix) {
  write_text(path("bad.svm"), "this is no data\n");
  write("{" + kQuick + R"(, "axes": {"workers": [2, 4]}})");
  ASSERT_EQ(matrix("run"), 0) << err();
  write(
      "{\"base\": {\"max-rounds\": 4, \"stop\": \"none\", \"workers\": 2}, \"axes\": {\"problem\": "
      "[{\"synthetic\": \"n=60,d=5,density=0.5\"}, {\"data\": \"bad.svm\"}]}}");
  ASSERT_EQ(matrix("run"), 6);
  const auto before = records();
  ASSERT_THAT(before, SizeIs(3));
  ASSERT_EQ(matrix("clean", {"--dry-run"}), 0) << err();
  EXPECT_THAT(out(), AllOf(HasSubstr(": no cell of the matrix\n"), HasSubstr(": failed\n"),
                           HasSubstr("\n2 folders would be removed\n")));
  EXPECT_EQ(records(), before);
  ASSERT_EQ(matrix("clean"), 0) << err();
  EXPECT_THAT(out(), HasSubstr("\n2 folders removed\n"));
  EXPECT_EQ(status(), "{\"cells\":2,\"done\":1,\"failed\":0,\"to_do\":1}\n");
  EXPECT_THAT(records(), SizeIs(1));
}

TEST_F(MatrixRun, CleanRemovesNothingThatIsNotOfTheMatrix) {
  write("{" + kQuick + R"(, "name": "one", "axes": {"workers": [2, 4]}})");
  ASSERT_EQ(matrix("run"), 0) << err();
  fs::create_directory(path("kept/cells/mine"));
  fs::create_directory(path("kept/cells/0123456789abcdef"));
  write_text(path("kept/cells/mine/run.json"), R"({"id": "0123456789abcdef"})");
  const auto before = records();

  write("{" + kQuick + R"(, "axes": {"workers": [8]}})");
  for (const std::vector<std::string>& how : {std::vector<std::string>{"--dry-run"}, {}}) {
    EXPECT_EQ(matrix("clean", how), 2);
    EXPECT_EQ(err(), "runner: --output: " + path("kept/matrix.json") + " is another matrix than " +
                         path("m.json") +
                         "; expected the same file, or one of the same \"name\"\n");
    EXPECT_EQ(out(), "");
  }
  EXPECT_EQ(records(), before);
  EXPECT_EQ(matrix("clean", {}, "none"), 2);
  EXPECT_THAT(err(), HasSubstr("no output of a matrix"));
  EXPECT_FALSE(fs::exists(path("none")));

  write("{" + kQuick + R"(, "name": "one", "axes": {"workers": [4, 8]}})");
  ASSERT_EQ(matrix("clean"), 0) << err();
  EXPECT_THAT(out(), HasSubstr("\n1 folder removed\n"));
  EXPECT_THAT(records(), SizeIs(3)) << "the other cell, and what is nobody's";
  EXPECT_EQ(status(), "{\"cells\":2,\"done\":1,\"failed\":0,\"to_do\":1}\n");
}

TEST_F(MatrixRun, AFailedCellIsToldByItsErrorNotByItsLastLine) {
  write(R"({"base": {"synthetic": "n=60,d=5", "fleet": "local", "workers": 1,
                     "worker": "/bin/false"}})");
  EXPECT_EQ(matrix("run"), 6);
  const auto kept = records();
  ASSERT_THAT(kept, SizeIs(1));
  const json::value record = json::parse(kept.begin()->second);
  EXPECT_THAT(
      read_text(path("kept/cells/" + kept.begin()->first + "/log.txt")),
      testing::Not(testing::EndsWith(record.at("error").as_string().c_str() + std::string("\n"))));
  EXPECT_THAT(err(),
              HasSubstr(" failed: " + std::string(record.at("error").as_string()) + "; see "));
}

TEST_F(MatrixRun, PlanPredictsFromWhatIsDone) {
  write("{" + kQuick + R"(, "axes": {"workers": [2, 4]}, "repeat": {"seed": [1, 2]}})");
  ASSERT_EQ(matrix("plan", {"--json"}), 0) << err();
  EXPECT_EQ(result().at("cells").as_int64(), 4);
  EXPECT_TRUE(result().at("predicted_seconds").is_null());
  ASSERT_EQ(matrix("run", {"--only", "seed=1"}), 0) << err();
  ASSERT_EQ(matrix("plan", {"--json", "--jobs", "1"}), 0) << err();
  const json::value plan = result();
  EXPECT_EQ(plan.at("due").as_int64(), 2);
  double seconds = 0, dollars = 0;
  for (const auto& [id, text] : records()) {
    seconds += json::parse(text).at("wall_seconds").as_double();
    dollars += json::parse(text).at("cost").at("dollars").as_double();
  }
  EXPECT_NEAR(plan.at("predicted_seconds").as_double(), seconds, 1e-9) << "as with the other seed";
  EXPECT_NEAR(plan.at("predicted_modelled_dollars").as_double(), dollars, 1e-12);
  EXPECT_EQ(plan.at("predicted_dollars").to_number<double>(), 0);
  write("{" + kQuick + R"(, "axes": {"fleet-model": ["ideal"]}, "repeat": {"seed": [1, 2]}})");
  ASSERT_EQ(matrix("run", {"--only", "seed=1"}) + matrix("plan", {"--json"}), 0) << err();
  EXPECT_TRUE(result().at("predicted_modelled_dollars").is_null()) << "nobody pays";
}

TEST_F(MatrixRun, WrongCommandsSayWhatIsRight) {
  write("{" + kQuick + "}");
  const auto refusal = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "matrix");
    EXPECT_EQ(run(arguments), 2);
    EXPECT_EQ(out(), "");
    return err();
  };
  const std::string file = path("m.json");
  EXPECT_EQ(refusal({}),
            "runner: matrix: no file given; expected FILE and one of plan, run, status, clean\n");
  EXPECT_EQ(refusal({file}),
            "runner: matrix: no action given; expected FILE and one of plan, run, status, clean\n");
  EXPECT_EQ(
      refusal({file, "rnu"}),
      "runner: matrix: rnu is not known; did you mean run? expected plan, run, status, clean\n");
  EXPECT_EQ(refusal({file, "run"}),
            "runner: matrix run: no --output given; expected the folder of the results\n");
  EXPECT_EQ(refusal({file, "status", "--output", path("kept"), "--jobs", "2"}),
            "runner: --jobs: has no effect with matrix status\n");
  EXPECT_EQ(refusal({path("none.json"), "plan"}),
            "runner: matrix: cannot read " + path("none.json") + ": No such file or directory\n");
  EXPECT_EQ(refusal({file, "run", "--output", path("kept"), "--retry", "faild"}),
            "runner: --retry: faild is not known; did you mean failed? expected failed, "
            "interrupted, none\n");
  EXPECT_FALSE(fs::exists(path("kept"))) << "nothing half-written";
}

// ---- kill -9 ----

std::uintmax_t size_of(const fs::path& folder) {
  std::uintmax_t sum = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code gone;
    const std::uintmax_t size = at->is_regular_file(gone) ? at->file_size(gone) : 1;
    if (!gone) sum += size + 1;
  }
  return sum;
}

// Half of the last line goes, as when the power does.
void tear(const fs::path& file) {
  const std::string text = read_text(file);
  if (text.empty()) return;
  const std::size_t line = text.find_last_of('\n', text.size() - 2);
  const std::size_t begin = line == text.npos ? 0 : line + 1;
  write_text(file, text.substr(0, begin + (text.size() - begin) / 2));
}

class KilledMatrix : public MatrixRun {
 protected:
  // Kills the program after so many changes of what is on the disk; false if it ended before.
  bool run_and_kill(int changes, const std::string& output) {
    const pid_t child = start(arguments("run", {"--jobs", "2"}, output));
    std::uintmax_t size = size_of(path(output));
    const bool alive = until(child, [&] {
      const std::uintmax_t now = size_of(path(output));
      if (now != std::exchange(size, now)) --changes;
      return changes <= 0;
    });
    ::kill(child, SIGKILL);
    const bool killed = wait(child) == -SIGKILL;
    await_rest(output);
    return alive && killed;
  }

  void tear_all(const std::string& output) const {
    for (const fs::path& cell : cells(output)) {
      if (standing_of(cell).state == CellState::done) continue;
      for (const auto& entry : fs::directory_iterator(cell)) tear(entry.path());
    }
    for (const auto& entry : fs::directory_iterator(path(output)))
      if (entry.is_regular_file()) tear(entry.path());
  }

  std::map<std::string, std::string> finished(const std::string& output) const {
    std::map<std::string, std::string> all;
    for (const fs::path& cell : cells(output))
      if (standing_of(cell).state == CellState::done)
        all[cell.filename().string()] = read_text(cell / "run.json");
    return all;
  }

  // All rows of the index, by id, as `ls` tells them.
  std::map<std::string, std::string> indexed(const std::string& output) {
    EXPECT_TRUE(fs::exists(path(output) + "/index.sqlite"));
    EXPECT_EQ(run({"ls", path(output), "--json"}), 0) << err();
    std::map<std::string, std::string> rows;
    const json::value all = json::parse(out());
    for (const json::value& row : all.as_array())
      rows[std::string(row.at("id").as_string())] = essence(json::serialize(row), output);
    return rows;
  }

  // All of it that is not a time or a place.
  std::string essence(const std::string& record, const std::string& output) const {
    json::object object = json::parse(record).as_object();
    for (const char* key : {"started", "ended", "wall_seconds", "task_seconds",
                            "coordinator_seconds", "objective_seconds", "simulator_seconds",
                            "simulator_overhead", "argv", "reference", "path"})
      object.erase(key);
    std::string text = json::serialize(object);
    for (std::size_t at; (at = text.find(path(output))) != text.npos;)
      text.replace(at, path(output).size(), "OUT");
    return text;
  }
};

TEST_F(KilledMatrix, LosesNothingWheneverItIsKilled) {
  write_text(path("bad.svm"), "this is no data\n");
  write(R"({"base": {"stop": "none", "max-rounds": 30},
          "axes": {"protocol": ["sync", "async"], "workers": [2, 4],
                   "problem": [{"synthetic": "n=500,d=20,density=0.2"}, {"data": "bad.svm"}]},
          "exclude": [{"data": "bad.svm", "protocol": "async"}, {"data": "bad.svm", "workers": 2}],
          "repeat": {"seed": [1, 2, 3, 4, 5]}})");
  ASSERT_EQ(matrix("run", {}, "calm"), 6);
  const std::string all = "{\"cells\":25,\"done\":20,\"failed\":5,\"to_do\":0}\n";
  ASSERT_EQ(status("calm"), all);

  constexpr unsigned kSeed = 20260501;
  std::mt19937 random(kSeed);
  std::map<std::string, std::string> done;
  int kills = 0, folders = 0;
  std::string output;
  while (kills < 20) {
    if (output.empty()) output = "wild" + std::to_string(++folders);
    const int changes = 1 + static_cast<int>(random() % 60);
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << ", kill " << kills << " after "
                                    << changes << " changes in " << output);
    const bool killed = run_and_kill(changes, output);
    kills += killed;
    tear_all(output);
    const auto now = finished(output);
    for (const auto& [id, record] : done) ASSERT_EQ(now.at(id), record) << "it ran again";
    done = now;
    if (killed && kills < 20) continue;
    ASSERT_EQ(matrix("run", {}, output), 6) << err();
    EXPECT_EQ(status(output), all);
    const auto wild = records(output), calm = records("calm");
    ASSERT_EQ(wild.size(), calm.size());
    for (const auto& [id, record] : calm) {
      if (done.contains(id)) {
        EXPECT_EQ(wild.at(id), done.at(id)) << "it ran again";
      }
      EXPECT_EQ(essence(wild.at(id), output), essence(record, "calm"));
    }
    EXPECT_EQ(indexed(output), indexed("calm"));
    EXPECT_EQ(indexed(output).size(), 25u);
    done.clear();
    output.clear();
  }
}

}  // namespace
}  // namespace laggard
