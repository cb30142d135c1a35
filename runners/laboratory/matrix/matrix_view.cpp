#include "runners/laboratory/matrix/matrix_view.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <utility>

namespace laggard {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostCurves = 6;
constexpr std::size_t kMostPoints = 300;        // of a curve
constexpr std::uintmax_t kMostBytes = 8 << 20;  // of a file that is read for one
constexpr auto kBetweenReads = std::chrono::seconds(2);

boost::json::value finite(double value) {
  if (!std::isfinite(value)) return nullptr;
  return value;
}

// A field of a row; NaN where it is empty.
double field(std::string_view row, std::size_t index) {
  for (; index > 0; --index) {
    const std::size_t comma = row.find(',');
    if (comma == row.npos) return kNaN;
    row.remove_prefix(comma + 1);
  }
  double value = kNaN;
  std::from_chars(row.data(), row.data() + std::min(row.find(','), row.size()), value);
  return value;
}

// The rounds of a run that goes on or has ended, thinned.
boost::json::object curve_of(const std::filesystem::path& folder) {
  boost::json::array round, gap, primal;
  std::filesystem::path file = folder / "iterations.csv";
  std::error_code error;
  if (!std::filesystem::exists(file, error)) file += ".part";
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (!error && size <= kMostBytes) {
    std::ifstream in(file);
    std::vector<std::string> rows;
    std::string row;
    std::getline(in, row);  // the names: round, virtual_s, wall_s, objective, gap, primal, ...
    while (std::getline(in, row))
      if (!in.eof()) rows.push_back(std::move(row));  // the last line may be torn
    const std::size_t step = rows.size() / kMostPoints + 1;
    for (std::size_t i = 0; i < rows.size(); i += step) {
      round.push_back(finite(field(rows[i], 0)));
      gap.push_back(finite(field(rows[i], 4)));
      primal.push_back(finite(field(rows[i], 5)));
    }
  }
  return {{"round", std::move(round)}, {"gap", std::move(gap)}, {"primal", std::move(primal)}};
}

std::string protocol_of(const MatrixCell& cell) {
  for (const Setting& setting : cell.settings)
    if (setting.name == "protocol") return setting.value;
  return "sync";
}

}  // namespace

MatrixView::MatrixView(const MatrixFile& matrix, const std::vector<MatrixCell>& cells,
                       std::vector<std::size_t> chosen, std::filesystem::path output)
    : name_(matrix.name),
      chosen_(std::move(chosen)),
      output_(std::move(output)),
      began_(Clock::now()) {
  for (const std::size_t cell : chosen_)
    cells_.push_back({cells[cell].id, label(matrix, cells[cell]), protocol_of(cells[cell])});
}

void MatrixView::show(const ScheduleMoment& moment) {
  const std::lock_guard lock(mutex_);
  seconds_left_ = moment.seconds_left;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    Cell& cell = cells_[i];
    const bool was_at_work = std::exchange(cell.at_work, false);
    cell.state = moment.standings[chosen_[i]].state;
    for (const auto& [running, seconds] : moment.running) {
      if (running != chosen_[i]) continue;
      cell.at_work = true;
      cell.seconds = seconds;
    }
    if (was_at_work && !cell.at_work) latest_.insert(latest_.begin(), i);
  }
  latest_.resize(std::min(latest_.size(), kMostCurves));
}

void MatrixView::end(std::string how) {
  const std::lock_guard lock(mutex_);
  for (Cell& cell : cells_) cell.at_work = false;
  seconds_left_ = 0;
  ended_ = std::move(how);
}

boost::json::array MatrixView::curves(const std::vector<Cell>& cells) const {
  boost::json::array all;
  for (const Cell& cell : cells) {
    boost::json::object curve = curve_of(cell_folder(output_, cell.id));
    curve["label"] = cell.label;
    curve["protocol"] = cell.protocol;
    all.push_back(std::move(curve));
  }
  return all;
}

std::string MatrixView::document() {
  std::vector<Cell> drawn;
  std::string of = "cells that run";
  boost::json::array states, labels, running, failed;
  boost::json::value left, ended;
  {
    const std::lock_guard lock(mutex_);
    for (const Cell& cell : cells_) {
      labels.emplace_back(cell.label);
      if (cell.at_work) {
        states.emplace_back("running");
        running.push_back(
            boost::json::object{{"label", cell.label}, {"seconds", std::round(cell.seconds)}});
        if (drawn.size() < kMostCurves) drawn.push_back(cell);
        continue;
      }
      const bool has_failed = cell.state == CellState::failed;
      states.emplace_back(has_failed ? "failed" : cell.state == CellState::done ? "done" : "to_do");
      const std::filesystem::path log = cell_folder(output_, cell.id) / "log.txt";
      if (has_failed)
        failed.push_back(boost::json::object{{"label", cell.label}, {"log", log.string()}});
    }
    if (drawn.empty()) {
      of = "the cells that ended last";
      for (const std::size_t i : latest_) drawn.push_back(cells_[i]);
    }
    left = finite(std::round(seconds_left_));
    ended = ended_;
  }
  if (Clock::now() - read_at_ > kBetweenReads || !ended.as_string().empty()) {
    read_at_ = Clock::now();
    curves_ = curves(drawn);
    curves_of_ = of;
  }
  const double wall = std::chrono::duration<double>(Clock::now() - began_).count();
  return boost::json::serialize(boost::json::object{{"kind", "matrix"},
                                                    {"title", name_},
                                                    {"ended", ended},
                                                    {"states", std::move(states)},
                                                    {"labels", std::move(labels)},
                                                    {"seconds_left", left},
                                                    {"wall_s", std::round(wall)},
                                                    {"running", std::move(running)},
                                                    {"failed", std::move(failed)},
                                                    {"curves_of", curves_of_},
                                                    {"curves", curves_}});
}

}  // namespace laggard
