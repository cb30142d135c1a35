// A matrix as it goes, for the live page.
#pragma once

#include "runners/laboratory/matrix/scheduler.hpp"

#include <boost/json/array.hpp>

#include <chrono>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

namespace laggard {

// Told by the thread that runs the cells, asked for its document by any.
class MatrixView {
 public:
  // Of the cells `chosen` of `cells`, whose folders are in `output`.
  MatrixView(const MatrixFile& matrix, const std::vector<MatrixCell>& cells,
             std::vector<std::size_t> chosen, std::filesystem::path output);

  void show(const ScheduleMoment& moment);
  // Nothing runs any more. how: a line.
  void end(std::string how);

  std::string document();

 private:
  struct Cell {
    std::string id, label, protocol;
    bool at_work = false;
    CellState state = CellState::to_do;
    double seconds = 0;  // since it began, while it is at work
  };

  boost::json::array curves(const std::vector<Cell>& cells) const;

  const std::string name_;
  const std::vector<std::size_t> chosen_;
  const std::filesystem::path output_;
  const std::chrono::steady_clock::time_point began_;

  std::mutex mutex_;  // guards what follows
  std::vector<Cell> cells_;
  std::vector<std::size_t> latest_;  // that ended, of cells_
  double seconds_left_ = kNaN;
  std::string ended_;

  // Of the thread that asks.
  boost::json::array curves_;
  std::string curves_of_;
  std::chrono::steady_clock::time_point read_at_{};
};

}  // namespace laggard
