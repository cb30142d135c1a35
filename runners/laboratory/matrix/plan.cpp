#include "runners/laboratory/matrix/plan.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace laggard {
namespace {

// The mean of what is a number.
struct RunningMean {
  double sum = 0;
  int count = 0;
  void add(double value) {
    if (!std::isfinite(value)) return;
    sum += value;
    ++count;
  }
  void add(const RunningMean& other) {
    sum += other.sum;
    count += other.count;
  }
  double value() const { return count > 0 ? sum / count : kNaN; }
};

struct DoneLikes {
  RunningMean seconds, dollars;
};

using AxisValues = std::vector<int>;

int common(const AxisValues& a, const AxisValues& b) {
  int equal = 0;
  for (std::size_t i = 0; i < a.size(); ++i) equal += a[i] == b[i];
  return equal;
}

CellGuess guess(const AxisValues& wanted, const std::map<AxisValues, DoneLikes>& done) {
  if (const auto same = done.find(wanted); same != done.end())
    return {same->second.seconds.value(), same->second.dollars.value()};
  int most = -1;
  DoneLikes nearest;
  for (const auto& [at, likes] : done) {
    const int equal = common(at, wanted);
    if (equal < most) continue;
    if (equal > most) nearest = {};
    most = equal;
    nearest.seconds.add(likes.seconds);
    nearest.dollars.add(likes.dollars);
  }
  return {nearest.seconds.value(), nearest.dollars.value()};
}

}  // namespace

std::vector<CellStanding> standings(const std::vector<MatrixCell>& cells,
                                    const std::filesystem::path& output) {
  std::vector<CellStanding> all(cells.size());
  std::error_code ignored;
  if (output.empty() || !std::filesystem::exists(output, ignored)) return all;
  for (std::size_t i = 0; i < cells.size(); ++i)
    all[i] = standing_of(cell_folder(output, cells[i].id));
  return all;
}

CellCounts count(std::span<const CellStanding> standings) {
  CellCounts counts;
  for (const CellStanding& each : standings) {
    ++counts.cells;
    counts.done += each.state == CellState::done;
    counts.failed += each.state == CellState::failed;
    counts.interrupted += each.state == CellState::interrupted;
  }
  counts.to_do = counts.cells - counts.done - counts.failed;
  return counts;
}

std::vector<CellGuess> guesses(const MatrixFile& matrix, const std::vector<MatrixCell>& cells,
                               std::span<const CellStanding> standings) {
  const auto without_repeats = [&](const MatrixCell& cell) {
    AxisValues at;
    for (std::size_t i = 0; i < cell.at.size(); ++i)
      if (!matrix.axes[i].repeats) at.push_back(cell.at[i]);
    return at;
  };
  std::map<AxisValues, DoneLikes> done;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (standings[i].state != CellState::done) continue;
    DoneLikes& likes = done[without_repeats(cells[i])];
    likes.seconds.add(standings[i].seconds);
    likes.dollars.add(standings[i].dollars);
  }
  std::map<AxisValues, CellGuess> known;
  std::vector<CellGuess> all;
  for (const MatrixCell& cell : cells) {
    const AxisValues at = without_repeats(cell);
    auto found = known.find(at);
    if (found == known.end()) found = known.emplace(at, guess(at, done)).first;
    all.push_back(found->second);
  }
  return all;
}

}  // namespace laggard
