#include "runners/laboratory/matrix/scheduler.hpp"

#include "core/io/output_file.hpp"
#include "runners/laboratory/matrix/child_process.hpp"
#include "runners/laboratory/matrix/plan.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <deque>
#include <fstream>
#include <list>
#include <utility>

namespace laggard {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kLookAgain_ms = 100;
constexpr const char* kLog = "log.txt";

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// The last error of a log, without the name of the program that said it; empty without one.
std::string last_words(const fs::path& log) {
  std::ifstream in(log);
  std::string last;
  constexpr std::string_view kName = "runner: ";
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(kName)) last = line.substr(kName.size());
  return last;
}

// Why the run in the folder failed: as it says itself, or as its process ended.
std::string reason(const fs::path& folder, int ended) {
  if (ended < 0) return fmt::format("killed by signal {} ({})", -ended, ::strsignal(-ended));
  std::string why = error_of(folder);
  if (why.empty()) why = last_words(folder / kLog);
  return why.empty() ? fmt::format("exit code {}", ended) : why;
}

class CellScheduler {
 public:
  CellScheduler(const MatrixFile& matrix, const std::vector<MatrixCell>& cells,
                std::vector<CellStanding>& standings, const fs::path& output,
                const ScheduleOptions& options, const MatrixScreen& screen,
                const std::atomic<bool>& interrupted)
      : matrix_(matrix),
        cells_(cells),
        standings_(standings),
        output_(output),
        options_(options),
        interrupted_(interrupted),
        progress_(screen) {}

  void run(const std::vector<std::size_t>& chosen) {
    guesses_ = guesses(matrix_, cells_, standings_);
    for (const std::size_t cell : chosen)
      (cells_[cell].real_time ? real_time_ : virtual_time_).push_back(cell);
    pace_.cells = static_cast<int>(chosen.size());
    for (;;) {
      tell_of_interruption();
      end_cells();
      while (starts_one()) {
      }
      if (running_.empty() && (stops() || (virtual_time_.empty() && real_time_.empty()))) break;
      show();
      wait();
      collect();
    }
    show();
  }

 private:
  struct Running {
    std::size_t cell = 0;
    Clock::time_point begun;
    ChildProcess process;
  };

  bool stops() const { return interrupted_ || (options_.fail_fast && pace_.failed > 0); }

  void tell_of_interruption() {
    if (!interrupted_ || std::exchange(told_, true)) return;
    progress_.tell(fmt::format("runner: no more cells are started; {} still run{}, once more stops",
                               running_.size(), running_.size() == 1 ? "s" : ""));
  }

  void end_cells() {
    if (!options_.at_once || !*options_.at_once || std::exchange(ends_, true)) return;
    for (const Running& each : running_) each.process.tell_to_end();
    progress_.tell("runner: the cells that run are ended and keep what they have, once more kills");
  }

  std::size_t running_in_real_time() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        running_, [&](const Running& each) { return cells_[each.cell].real_time; }));
  }

  // False if there is none to start now.
  bool starts_one() {
    if (stops()) return false;
    const std::size_t in_real_time = running_in_real_time();
    const std::size_t in_virtual_time = running_.size() - in_real_time;
    if (in_real_time == 0 && in_virtual_time < static_cast<std::size_t>(options_.jobs) &&
        start_from(virtual_time_))
      return true;
    return virtual_time_.empty() && in_virtual_time == 0 &&
           in_real_time < static_cast<std::size_t>(options_.real_time_jobs) &&
           start_from(real_time_);
  }

  // The first cell whose folder nobody holds. A killed run may hold it for a moment still.
  bool start_from(std::deque<std::size_t>& queue) {
    const auto cell = std::ranges::find_if_not(
        queue, [&](std::size_t each) { return is_in_use(folder_of(each)); });
    if (cell == queue.end()) return false;
    const std::size_t next = *cell;
    queue.erase(cell);
    if (standing_of(folder_of(next)).state == CellState::done)
      end(next, 0);  // whoever held it has finished it
    else
      start(next);
    return true;
  }

  fs::path folder_of(std::size_t cell) const { return cell_folder(output_, cells_[cell].id); }

  void start(std::size_t cell) {
    const fs::path folder = folder_of(cell);
    std::error_code error;
    fs::remove_all(folder, error);  // what an earlier attempt has left
    if (!error) fs::create_directories(folder, error);
    if (error)
      fail_to_write(error.value(),
                    fmt::format("matrix: cannot write {}: {}", folder.string(), error.message()));
    std::vector<std::string> arguments = command_of(cells_[cell]);
    arguments.insert(arguments.end(), {"--output", folder.string()});
    running_.push_back({cell, Clock::now(), ChildProcess(arguments, folder / kLog)});
  }

  void wait() const {
    std::vector<pollfd> ends;
    for (const Running& each : running_) ends.push_back({each.process.descriptor(), POLLIN, 0});
    ::poll(ends.data(), ends.size(), kLookAgain_ms);
  }

  void collect() {
    for (auto each = running_.begin(); each != running_.end();) {
      const std::optional<int> ended = each->process.ended();
      if (!ended) {
        ++each;
        continue;
      }
      const std::size_t cell = each->cell;
      const double seconds = seconds_since(each->begun);
      each = running_.erase(each);
      seconds_ += seconds;
      settle(cell, *ended, seconds);
    }
  }

  void settle(std::size_t cell, int ended, double seconds) {
    const fs::path folder = folder_of(cell);
    const CellState state = standing_of(folder).state;
    if (state != CellState::done && !(ends_ && state == CellState::interrupted)) {
      const std::string why = reason(folder, ended);
      record_failure(folder, cells_[cell], ended, why);
      progress_.tell(fmt::format("runner: cell {} failed: {}; see {}", label(matrix_, cells_[cell]),
                                 why, (folder / kLog).string()));
    }
    end(cell, seconds);
  }

  void end(std::size_t cell, double seconds) {
    standings_[cell] = standing_of(folder_of(cell));
    const bool done = standings_[cell].state == CellState::done;
    pace_.done += done;
    pace_.failed += standings_[cell].state == CellState::failed;
    if (done) progress_.finished(pace_, label(matrix_, cells_[cell]), seconds);
  }

  // From cells of the like that were done before, else from those of this run.
  double seconds_left() const {
    const int over = pace_.done + pace_.failed;
    const double mean = over > 0 ? seconds_ / over : kNaN;
    const auto of = [&](std::size_t cell) {
      return std::isfinite(guesses_[cell].seconds) ? guesses_[cell].seconds : mean;
    };
    double virtual_time = 0, real_time = 0;
    for (const std::size_t cell : virtual_time_) virtual_time += of(cell);
    for (const std::size_t cell : real_time_) real_time += of(cell);
    for (const Running& each : running_)
      (cells_[each.cell].real_time ? real_time : virtual_time) +=
          std::max(0.0, of(each.cell) - seconds_since(each.begun));
    return virtual_time / options_.jobs + real_time / options_.real_time_jobs;
  }

  void show() {
    std::vector<RunningCell> running;
    for (const Running& each : running_)
      running.push_back({label(matrix_, cells_[each.cell]), seconds_since(each.begun)});
    pace_.seconds_left = seconds_left();
    progress_.show(pace_, running);
    if (!options_.watch) return;
    ScheduleMoment moment{standings_, {}, pace_.seconds_left};
    for (const Running& each : running_)
      moment.running.emplace_back(each.cell, seconds_since(each.begun));
    options_.watch(moment);
  }

  const MatrixFile& matrix_;
  const std::vector<MatrixCell>& cells_;
  std::vector<CellStanding>& standings_;
  const fs::path& output_;
  const ScheduleOptions& options_;
  const std::atomic<bool>& interrupted_;
  MatrixProgress progress_;
  std::vector<CellGuess> guesses_;
  std::deque<std::size_t> virtual_time_, real_time_;  // to be started
  std::list<Running> running_;
  MatrixPace pace_;
  double seconds_ = 0;  // of all cells that ended
  bool told_ = false;
  bool ends_ = false;  // the cells that run were told to end
};

}  // namespace

std::vector<std::string> command_of(const MatrixCell& cell) {
  std::vector<std::string> words;
  for (const Setting& setting : cell.settings) {
    const bool is_flag = setting.kind == Setting::Kind::boolean;
    if (is_flag && setting.value == "true") {
      words.push_back("--" + setting.name);
    } else if (is_flag || setting.value.starts_with("-")) {
      words.push_back(fmt::format("--{}={}", setting.name, setting.value));
    } else {
      words.push_back("--" + setting.name);
      words.push_back(setting.value);
    }
  }
  return words;
}

void run_cells(const MatrixFile& matrix, const std::vector<MatrixCell>& cells,
               const std::vector<std::size_t>& chosen, std::vector<CellStanding>& standings,
               const fs::path& output, const ScheduleOptions& options, const MatrixScreen& screen,
               const std::atomic<bool>& interrupted) {
  CellScheduler(matrix, cells, standings, output, options, screen, interrupted).run(chosen);
}

}  // namespace laggard
