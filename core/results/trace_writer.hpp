// Writes a run down as a trace, for viewers of such: Perfetto, chrome://tracing.
#pragma once

#include "core/io/row_file.hpp"
#include "core/results/summary.hpp"
#include "core/results/trace_lane.hpp"
#include "core/task/events.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// The Trace Event Format, as an array of JSON objects, one a line; gzip where the name ends in .gz.
// Times are the fleet's, in whole microseconds. A lane a worker of what it does (waits, is paused,
// computes), one of its messages and one of its starts; updates of z, and counters of the residuals
// and of the tasks under way. Grows as FILE.part, at most a second or an event behind; a run that
// dies leaves that, and viewers take it.
class TraceWriter : public Observer {
 public:
  // Throws Error, beginning with --trace, for a file of another kind of name, one that is there
  // (without `overwrite`), or a folder that is not. Creates and changes nothing.
  static void check(const std::filesystem::path& file, bool overwrite);

  // about: a line on the run. Throws Error where the file cannot be written.
  TraceWriter(std::filesystem::path file, int workers, std::string_view about);
  ~TraceWriter() override;

  void on_submit(WorkerId worker, Time at) override;
  void on_answer(WorkerId worker, Time at) override;
  void on_round(const RoundRow& row) override;
  void on_task(const TaskRow& row) override;

  // Why nothing is written any more, a line; nothing: it is.
  const std::optional<std::string>& failure() const { return failure_; }

  // Adds the lives of the workers, completes the file and gives it its name. Throws Error if this
  // or any earlier write failed.
  void finish(const Summary& summary);

 private:
  // Lanes of one kind, for each worker as many as it takes.
  struct Lane {
    int tid;
    TraceLane slices;
  };
  struct Kind {
    int pid;
    std::vector<std::vector<Lane>> of_worker;
  };

  void describe(int pid, std::string_view name);
  Lane& open_lane(Kind& kind, WorkerId worker);
  void serve(const TaskRow& row);
  void send(const TaskRow& row, std::string_view name, std::string_view category, Time begin,
            Time end);
  void live(const LifeRow& life);
  void add_slice(const Kind& kind, const Lane& lane, const Slice& slice, std::string_view name,
                 std::string_view category, std::string_view arguments);
  void count_under_way(int change, Time at);
  void write_under_way();
  void write();  // text_
  void flush();

  std::filesystem::path file_;
  std::unique_ptr<RowFile> out_;
  std::string text_;  // of events that are not written yet
  std::chrono::steady_clock::time_point flushed_;
  std::optional<std::string> failure_;
  int next_tid_;
  Kind workers_, messages_, starts_;
  int under_way_ = 0;
  std::optional<Time> under_way_at_;  // since when, where that is not written yet
};

}  // namespace laggard
