// What a person sees while a matrix runs.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace laggard {

struct MatrixScreen {
  std::ostream& out;
  std::ostream& err;
  bool live = false;  // err is a terminal that can erase lines
  int width = 80;     // of that
};

// What runs now, for the live lines.
struct RunningCell {
  std::string label;
  double seconds = 0;
};

struct MatrixPace {
  int cells = 0;  // of this run
  int done = 0;
  int failed = 0;
  double seconds_left = 0;  // NaN: nobody knows
};

// "2 h 5 min", "3 min 20 s", "4.2 s".
std::string duration_text(double seconds);

// A line for each running cell and a bar below on a terminal, a line for each finished cell
// elsewhere. What went wrong is told at once on both.
class MatrixProgress {
 public:
  explicit MatrixProgress(const MatrixScreen& screen) : screen_(screen) {}
  ~MatrixProgress() { clear(); }

  void finished(const MatrixPace& pace, const std::string& label, double seconds);
  void tell(const std::string& line);  // a line on err
  // Not more often than a person can read.
  void show(const MatrixPace& pace, const std::vector<RunningCell>& running);
  void clear();

 private:
  const MatrixScreen& screen_;
  int lines_ = 0;  // of the live part
  std::chrono::steady_clock::time_point shown_at_{};
};

}  // namespace laggard
