#include "runners/fleets/straggler/trace.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "core/problem/text_cursor.hpp"
#include "core/problem/text_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

namespace laggard {
namespace {

struct Row {
  WorkerId worker = 0;
  Time dispatched{}, started{}, finished{}, arrived{};  // kForever: blank
  std::string_view outcome;
};

// The next line without its end, and what follows.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t comma = line.find(',');
    fields.push_back(line.substr(0, comma));
    if (comma == line.npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

// The most that a recording may last: such times can be added without a thought.
constexpr Time kLongest = std::chrono::seconds(1'000'000'000);

// Seconds with up to nine decimals, exactly; kForever for a blank.
std::optional<Time> read_seconds(std::string_view text) {
  if (text.empty()) return kForever;
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string digits(text.substr(0, point));
  std::string decimals(text.substr(std::min(point + 1, text.size())));
  if (digits.empty() || decimals.size() > 9) return std::nullopt;
  decimals.resize(9, '0');
  digits += decimals;
  if (digits.find_first_not_of("0123456789") != digits.npos) return std::nullopt;  // a sign, say
  std::int64_t nanoseconds = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), nanoseconds);
  const Time time(nanoseconds);
  if (error != std::errc() || end != digits.data() + digits.size() || time > kLongest)
    return std::nullopt;
  return time;
}

class Table {
 public:
  Table(std::string_view text, std::string_view name) : rest_(text), name_(name) {
    const std::vector<std::string_view> heading = split(take_line(rest_));
    constexpr std::array<std::string_view, 6> kColumns = {"worker",   "dispatched", "started",
                                                          "finished", "arrived",    "outcome"};
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      const auto found = std::find(heading.begin(), heading.end(), kColumns[i]);
      if (found == heading.end())
        fail(fmt::format("no column {}; expected the workers.csv of a run", kColumns[i]));
      column_[i] = static_cast<std::size_t>(found - heading.begin());
    }
    columns_ = heading.size();
  }

  std::optional<Row> next() {
    if (rest_.empty()) return std::nullopt;
    const std::vector<std::string_view> fields = split(take_line(rest_));
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
    for (std::size_t i = 0; i < 4; ++i) {
      const auto time = read_seconds(fields[column_[i + 1]]);
      if (!time)
        fail(fmt::format("{} is no time; expected seconds from 0 to 1000000000",
                         quote_for_message(fields[column_[i + 1]])));
      *times[i] = *time;
    }
    if (row.started != kForever && row.finished != kForever && row.finished < row.started)
      fail("a task that ends before it begins");
    row.outcome = fields[column_[5]];
    return row;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("--straggler trace: {}:{}: {}", name_, line_, what));
  }

  std::string_view rest_, name_;
  std::array<std::size_t, 6> column_{};
  std::size_t columns_ = 0;
  std::int64_t line_ = 1;
};

std::vector<std::vector<Row>> rows_by_worker(Table& table) {
  std::vector<std::vector<Row>> workers;
  while (const std::optional<Row> row = table.next()) {
    // Dropped before it began, so the worker never counted it.
    if (row->started == kForever && row->arrived != kForever) continue;
    if (row->started == kForever && row->outcome == "failed") continue;
    const auto w = static_cast<std::size_t>(row->worker);
    if (w >= workers.size()) workers.resize(w + 1);
    workers[w].push_back(*row);
  }
  // Those that never began, as far as is known, come last, in the order in which they were sent.
  for (std::vector<Row>& rows : workers)
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
      return std::pair(a.started, a.dispatched) < std::pair(b.started, b.dispatched);
    });
  return workers;
}

Slowdown slowdown_of(const Row& row, Time end) {
  Slowdown slowdown;
  if (row.started != kForever && row.finished != kForever) {
    slowdown.exact = row.finished - row.started;
    slowdown.stopped = row.outcome == "revoked";
    if (row.outcome == "failed") slowdown.crash = 1.0;
  } else {
    // Its report would have come after all of the others.
    slowdown.exact = std::max(end - std::min(row.dispatched, end), Time{}) + Time(1);
  }
  return slowdown;
}

class TraceModel final : public StragglerModel {
 public:
  explicit TraceModel(Trace trace) : trace_(std::move(trace)) {}
  Slowdown draw(WorkerId worker, std::int64_t task) const override {
    const std::vector<Slowdown>& tasks = trace_[static_cast<std::size_t>(worker)];
    return tasks[static_cast<std::size_t>(task) % tasks.size()];
  }

 private:
  Trace trace_;
};

std::string read_file(const std::string& file) {
  if (!std::filesystem::is_regular_file(file) || !std::ifstream(file))
    throw Error(fmt::format(
        "--straggler trace: {}: cannot be read; expected the workers.csv.gz of a run", file));
  std::string text;
  std::vector<char> piece(1 << 16);
  try {
    TextStream stream(file);
    while (const std::size_t size = stream.read(piece)) text.append(piece.data(), size);
  } catch (const StreamFault& error) {
    throw Error(fmt::format("--straggler trace: {}: {}", file, error.what()));
  }
  return text;
}

}  // namespace

Trace parse_trace(std::string_view text, std::string_view name, int workers) {
  Table table(text, name);
  const std::vector<std::vector<Row>> rows = rows_by_worker(table);
  Time end{};
  for (const auto& worker : rows)
    for (const Row& row : worker)
      if (row.arrived != kForever) end = std::max(end, row.arrived);
  Trace trace(static_cast<std::size_t>(workers));
  for (std::size_t w = 0; w < trace.size(); ++w) {
    if (w >= rows.size() || rows[w].empty())
      throw Error(
          fmt::format("--straggler trace: {}: holds no task of worker {}; expected some of each "
                      "of the {} workers",
                      name, w, workers));
    for (const Row& row : rows[w]) trace[w].push_back(slowdown_of(row, end));
  }
  return trace;
}

std::unique_ptr<const StragglerModel> make_trace(const std::string& file, int workers) {
  return std::make_unique<TraceModel>(parse_trace(read_file(file), file, workers));
}

}  // namespace laggard
