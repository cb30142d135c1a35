// What a person sees of a run.
#pragma once

#include "runners/runner/console.hpp"
#include "runners/runner/describe.hpp"
#include "runners/runner/execute.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace laggard {

// True for 1, 2, 5, 10, 20, 50, 100, ...
bool is_milestone(int round);

// A header, a row now and then, a summary: the same on a terminal, which has colour and a live
// status line besides, and elsewhere. Results go to stdout (to stderr under --json), notices and
// the live line to stderr. Rows are those of milestones, of each change of rho, and the last.
class ProgressPrinter : public RunObserver {
 public:
  // Both must outlive it.
  ProgressPrinter(const RunConfig& config, const Console& console);

  void on_phase(std::string_view what) override;
  void on_notice(const std::string& line) override;
  void on_start(const RunInfo& info) override;
  void on_round(const RoundRow& row) override;

  // The last row and the summary.
  void finish(const RunResult& result);
  // Takes the live line away; so does finish().
  void clear();

 private:
  void tell(const std::string& notice);
  void print_row(const RoundRow& row);
  void show_live(std::string_view text);

  const RunConfig& config_;
  const Console& console_;
  std::ostream& out_;  // of what people read
  RoundTable table_;
  bool shows_rounds_ = false;
  bool colour_ = false;
  bool live_ = false;  // there is a live line at all
  bool live_shown_ = false;
  std::chrono::steady_clock::time_point live_at_{};
  double rho_ = kNaN;               // of the last round
  std::optional<RoundRow> unseen_;  // the last round, if it was not printed
};

}  // namespace laggard
