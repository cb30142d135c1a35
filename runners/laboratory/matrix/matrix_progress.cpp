#include "runners/laboratory/matrix/matrix_progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

constexpr std::chrono::milliseconds kBetweenViews{100};
constexpr std::size_t kBar = 24;

std::string bar(const MatrixPace& pace) {
  const int over = pace.done + pace.failed;
  const std::size_t full =
      pace.cells > 0 ? kBar * static_cast<std::size_t>(over) / static_cast<std::size_t>(pace.cells)
                     : kBar;
  std::string line = fmt::format("[{}{}] {}/{}", std::string(full, '#'),
                                 std::string(kBar - full, '.'), over, pace.cells);
  if (pace.failed > 0) line += fmt::format(", {} failed", pace.failed);
  if (std::isfinite(pace.seconds_left) && over < pace.cells)
    line += fmt::format(", about {} left", duration_text(pace.seconds_left));
  return line;
}

}  // namespace

std::string duration_text(double seconds) {
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

void MatrixProgress::finished(const MatrixPace& pace, const std::string& label, double seconds) {
  if (screen_.live) return;
  screen_.out << fmt::format("{}/{}  {}  {}\n", pace.done + pace.failed, pace.cells,
                             duration_text(seconds), label)
              << std::flush;
}

void MatrixProgress::tell(const std::string& line) {
  clear();
  screen_.err << line + '\n' << std::flush;  // one write
}

void MatrixProgress::show(const MatrixPace& pace, const std::vector<RunningCell>& running) {
  if (!screen_.live) return;
  const auto now = std::chrono::steady_clock::now();
  if (lines_ > 0 && now - shown_at_ < kBetweenViews) return;
  shown_at_ = now;
  std::vector<std::string> lines;
  for (const RunningCell& cell : running)
    lines.push_back(fmt::format("{:>9}  {}", duration_text(cell.seconds), cell.label));
  lines.push_back(bar(pace));
  std::string text = lines_ > 0 ? fmt::format("\033[{}A", lines_) : "";
  for (std::string& line : lines) {
    const auto most = static_cast<std::size_t>(std::max(20, screen_.width - 1));
    if (line.size() > most) line = line.substr(0, most - 3) + "...";
    text += fmt::format("\r{}\033[K\n", line);
  }
  text += "\033[J";  // of a view that had more lines
  lines_ = static_cast<int>(lines.size());
  screen_.err << text << std::flush;
}

void MatrixProgress::clear() {
  if (lines_ == 0) return;
  screen_.err << fmt::format("\033[{}A\r\033[J", lines_) << std::flush;
  lines_ = 0;
}

}  // namespace laggard
