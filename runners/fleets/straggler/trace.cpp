#include "runners/fleets/straggler/trace.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "core/problem/text_cursor.hpp"
#include "core/problem/text_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

namespace laggard {
namespace {

struct Row {
  WorkerId worker = 0;
  Time dispatched{};
  Time started = kForever, finished = kForever, arrived = kForever;  // kForever: blank
  Time pause{};
  std::string_view outcome;
};

// The next line without its end, and what follows.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

void split(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  while (true) {
    const std::size_t comma = line.find(',');
    fields.push_back(line.substr(0, comma));
    if (comma == line.npos) return;
    line.remove_prefix(comma + 1);
  }
}

// The most that a recording may last: such times can be added without a thought.
constexpr Time kLongest = std::chrono::seconds(1'000'000'000);

// Seconds with up to nine decimals, exactly; kForever for a blank.
std::optional<Time> read_seconds(std::string_view text) {
  if (text.empty()) return kForever;
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view decimals = text.substr(std::min(point + 1, text.size()));
  if (point == 0 || decimals.size() > 9) return std::nullopt;
  Time::rep nanoseconds = 0;
  const auto append = [&](char digit) {
    if (digit < '0' || digit > '9' || nanoseconds > kLongest.count() / 10) return false;
    nanoseconds = 10 * nanoseconds + (digit - '0');
    return true;
  };
  for (const char digit : text.substr(0, point))
    if (!append(digit)) return std::nullopt;  // a sign, say
  for (std::size_t i = 0; i < 9; ++i)
    if (!append(i < decimals.size() ? decimals[i] : '0')) return std::nullopt;
  if (Time(nanoseconds) > kLongest) return std::nullopt;
  return Time(nanoseconds);
}

class Table {
 public:
  Table(std::string_view text, std::string_view name) : rest_(text), name_(name) {
    std::vector<std::string_view> heading;
    split(take_line(rest_), heading);
    constexpr std::array<std::string_view, 6> kColumns = {"worker",   "dispatched", "started",
                                                          "finished", "arrived",    "outcome"};
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      const auto found = std::find(heading.begin(), heading.end(), kColumns[i]);
      if (found == heading.end())
        fail(fmt::format("no column {}; expected the workers.csv of a run", kColumns[i]));
      column_[i] = static_cast<std::size_t>(found - heading.begin());
    }
    columns_ = heading.size();
    const auto pause = std::find(heading.begin(), heading.end(), "pause");
    if (pause != heading.end()) pause_ = static_cast<std::size_t>(pause - heading.begin());
  }

  std::optional<Row> next() {
    if (rest_.empty()) return std::nullopt;
    split(take_line(rest_), fields_);
    const std::vector<std::string_view>& fields = fields_;
    ++line_;
    if (fields.size() != columns_)
      fail(fmt::format("{} fields; expected {}, as in the heading", fields.size(), columns_));
    Row row;
    constexpr int kMostWorkers = 1'000'000;
    try {
      row.worker =
          static_cast<WorkerId>(parse_integer(fields[column_[0]], "worker", 0, kMostWorkers));
    } catch (const Error& error) {
      fail(error.what());
    }
    Time* const times[] = {&row.dispatched, &row.started, &row.finished, &row.arrived};
    for (std::size_t i = 0; i < 4; ++i) *times[i] = time(fields[column_[i + 1]]);
    const bool took = row.started != kForever && row.finished != kForever;
    if (took && row.finished < row.started) fail("a task that ends before it begins");
    if (pause_ && took && !fields[*pause_].empty()) row.pause = time(fields[*pause_]);
    if (took && row.finished - row.started < row.pause)
      fail("a task that ends before its pause does");
    row.outcome = fields[column_[5]];
    return row;
  }

 private:
  Time time(std::string_view field) const {
    if (const auto time = read_seconds(field)) return *time;
    fail(fmt::format("{} is no time; expected seconds from 0 to 1000000000",
                     quote_for_message(field)));
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("--straggler trace: {}:{}: {}", name_, line_, what));
  }

  std::string_view rest_, name_;
  std::vector<std::string_view> fields_;  // of the last line
  std::array<std::size_t, 6> column_{};
  std::optional<std::size_t> pause_;  // the column that recordings of old do not have
  std::size_t columns_ = 0;
  std::int64_t line_ = 1;
};

struct Recorded {
  bool named = false;          // in some row
  std::vector<Row> rows;       // of the tasks that it began, as far as is known
  Time dropped = Time::min();  // when the last of those was sent that it let go before they began
};

std::vector<Recorded> by_worker(Table& table) {
  std::vector<Recorded> workers;
  while (const std::optional<Row> row = table.next()) {
    if (row->started == kForever && row->outcome == "failed") continue;
    const auto w = static_cast<std::size_t>(row->worker);
    if (w >= workers.size()) workers.resize(w + 1);
    workers[w].named = true;
    if (row->started == kForever && row->arrived != kForever)
      workers[w].dropped = std::max(workers[w].dropped, row->dispatched);
    else
      workers[w].rows.push_back(*row);
  }
  // Those that never began, as far as is known, come last, in the order in which they were sent.
  for (Recorded& worker : workers)
    std::stable_sort(worker.rows.begin(), worker.rows.end(), [](const Row& a, const Row& b) {
      return std::pair(a.started, a.dispatched) < std::pair(b.started, b.dispatched);
    });
  return workers;
}

// end: of the recording. dropped: when the last task was sent that the worker let go.
Slowdown slowdown_of(const Row& row, Time end, Time dropped) {
  Slowdown slowdown;
  if (row.started != kForever && row.finished != kForever) {
    slowdown.pause = row.pause;
    slowdown.exact = row.finished - row.started - row.pause;
    slowdown.stopped = row.outcome == "revoked";
    if (row.outcome == "failed") slowdown.crash = 1.0;
  } else {
    // Its report would have come after all of the others. A worker that let go of a task behind it
    // was computing; of another nothing was heard, so it may as well have been in a pause.
    const Time rest = std::max(end - std::min(row.dispatched, end), Time{}) + Time(1);
    const bool heard = dropped >= row.dispatched;
    slowdown.exact = heard ? rest : Time{};
    slowdown.pause = heard ? Time{} : rest;
    slowdown.stopped = row.outcome == "revoked";
  }
  return slowdown;
}

class TraceModel final : public StragglerModel {
 public:
  explicit TraceModel(std::shared_ptr<const Recording> recording)
      : recording_(std::move(recording)) {}
  Slowdown draw(WorkerId worker, std::int64_t task) const override {
    const std::vector<Slowdown>& tasks = recording_->tasks[static_cast<std::size_t>(worker)];
    return tasks[static_cast<std::size_t>(task) % tasks.size()];
  }
  Start draw_start(WorkerKey key) const override {
    Start start;
    const auto found = recording_->starts.find({key.worker, key.incarnation});
    if (found != recording_->starts.end()) start.exact = found->second;
    return start;
  }

 private:
  std::shared_ptr<const Recording> recording_;
};

std::string read_file(const std::string& file) {
  if (!std::filesystem::is_regular_file(file) || !std::ifstream(file))
    throw Error(fmt::format(
        "--straggler trace: {}: cannot be read; expected the workers.csv.gz of a run", file));
  try {
    return whole_text(file);
  } catch (const StreamFault& error) {
    throw Error(fmt::format("--straggler trace: {}: {}", file, error.what()));
  }
}

}  // namespace

Trace parse_trace(std::string_view text, std::string_view name, int workers) {
  Table table(text, name);
  const std::vector<Recorded> recorded = by_worker(table);
  Time end{};
  for (const Recorded& worker : recorded)
    for (const Row& row : worker.rows)
      if (row.arrived != kForever) end = std::max(end, row.arrived);
  Trace trace(static_cast<std::size_t>(workers));
  for (std::size_t w = 0; w < trace.size(); ++w) {
    if (w >= recorded.size() || !recorded[w].named)
      throw Error(
          fmt::format("--straggler trace: {}: holds no task of worker {}; expected some of each "
                      "of the {} workers",
                      name, w, workers));
    for (const Row& row : recorded[w].rows)
      trace[w].push_back(slowdown_of(row, end, recorded[w].dropped));
    if (trace[w].empty()) trace[w].push_back(slowdown_of(Row{}, end, Time::min()));  // none began
  }
  return trace;
}

RecordedStarts parse_starts(std::string_view text, std::string_view name) {
  std::int64_t line = 1;
  const auto fail = [&](std::string_view what) {
    throw Error(fmt::format("--straggler trace: {}:{}: {}", name, line, what));
  };
  std::vector<std::string_view> heading, fields;
  split(take_line(text), heading);
  constexpr std::array<std::string_view, 5> kColumns = {"worker", "incarnation", "invoked", "ready",
                                                        "ended"};
  std::array<std::size_t, 5> column{};
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    column[i] = static_cast<std::size_t>(std::find(heading.begin(), heading.end(), kColumns[i]) -
                                         heading.begin());
    if (column[i] == heading.size())
      fail(fmt::format("no column {}; expected the fleet.csv of a run", kColumns[i]));
  }
  RecordedStarts starts;
  while (!text.empty()) {
    split(take_line(text), fields);
    ++line;
    if (fields.size() < heading.size())  // more: there are commas in how a life ended
      fail(fmt::format("{} fields; expected {}, as in the heading", fields.size(), heading.size()));
    std::array<Time, 3> times{};
    for (std::size_t i = 0; i < 3; ++i) {
      const std::optional<Time> time = read_seconds(fields[column[i + 2]]);
      if (!time)
        fail(fmt::format("{} is no time; expected seconds from 0 to 1000000000",
                         quote_for_message(fields[column[i + 2]])));
      times[i] = *time;
    }
    const auto [invoked, ready, ended] = times;
    // One that was not ready when it ended would have been later.
    const Time up = ready != kForever ? ready : ended != kForever ? ended + Time(1) : kForever;
    if (invoked == kForever || up == kForever) continue;
    if (up < invoked) fail("a start that ends before it begins");
    constexpr int kMost = 1'000'000;
    try {
      starts[{
          static_cast<WorkerId>(parse_integer(fields[column[0]], "worker", 0, kMost)),
          static_cast<Incarnation>(parse_integer(fields[column[1]], "incarnation", 1, kMost))}] =
          up - invoked;
    } catch (const Error& error) {
      fail(error.what());
    }
  }
  return starts;
}

Recording read_recording(const std::string& file, int workers) {
  Recording recording{parse_trace(read_file(file), file, workers), {}};
  const std::string lives = std::filesystem::path(file).replace_filename("fleet.csv").string();
  if (std::filesystem::exists(lives)) recording.starts = parse_starts(read_file(lives), lives);
  return recording;
}

std::unique_ptr<const StragglerModel> make_trace(std::shared_ptr<const Recording> recording) {
  return std::make_unique<TraceModel>(std::move(recording));
}

std::unique_ptr<const StragglerModel> make_trace(const std::string& file, int workers) {
  return make_trace(std::make_shared<const Recording>(read_recording(file, workers)));
}

}  // namespace laggard
