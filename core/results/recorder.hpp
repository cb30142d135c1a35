// Keeps what a run tells in a directory.
#pragma once

#include "core/io/row_file.hpp"
#include "core/results/run_directory.hpp"
#include "core/results/summary.hpp"
#include "core/task/events.hpp"

#include <condition_variable>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

namespace laggard {

// Writes run.json first, iterations.csv and workers.csv.gz as rows come, at most a second behind;
// solution.csv, fleet.csv (a row an incarnation), per_worker.csv and run.json anew at the end;
// where several models take turns, models.csv too. A run that dies leaves run.json as it began, and
// NAME.part files that can be read.
class Recorder : public Observer {
 public:
  // As RunDirectory; run.json, of a run that is running, and the .part files exist from then on.
  Recorder(const std::filesystem::path& directory, bool overwrite, std::string_view run_json);
  ~Recorder() override;

  void on_round(const RoundRow& row) override;
  void on_task(const TaskRow& row) override;

  // Why rows are not kept any more, a line; nothing: they are. From any thread.
  std::optional<std::string> failure();

  // Completes and publishes everything; run.json, the sign of a finished run, comes last. Throws
  // Error if this or any earlier write failed: a full disk does not stop a run, but it is told.
  void finish(const Summary& summary, std::string_view run_json);
  // Writes run.json alone, of a run that ended by an error: its rows stay in the .part files.
  // Throws Error.
  void write_run(std::string_view run_json);

 private:
  template <class Row>
  void write(RowFile& file, const Row& row);
  void write_whole(std::string_view name, std::string_view text);
  void flush_each_second(std::stop_token stop);

  RunDirectory directory_;
  std::mutex mutex_;  // guards all below
  std::unique_ptr<RowFile> iterations_;
  std::unique_ptr<RowFile> workers_;
  std::string text_;                    // of one row, kept for its memory
  std::optional<std::string> failure_;  // of the first write that failed
  std::condition_variable_any wake_;
  std::jthread flusher_;  // last: it uses all of the above
};

}  // namespace laggard
