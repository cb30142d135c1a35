#include "runners/runner/progress.hpp"

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

constexpr auto kLiveInterval = std::chrono::milliseconds(100);

Colour colour_of(StopReason stop) {
  switch (stop) {
    case StopReason::converged:
    case StopReason::target_gap:
    case StopReason::target_loss:
    case StopReason::rule_holds:
    case StopReason::method_ended:
      return Colour::green;
    case StopReason::max_rounds:
    case StopReason::max_tasks:
    case StopReason::max_passes:
    case StopReason::time_limit:
    case StopReason::budget:
    case StopReason::interrupted:
      return Colour::yellow;
    default:
      return Colour::red;
  }
}

}  // namespace

bool is_milestone(int round) {
  if (round <= 0) return false;
  while (round % 10 == 0) round /= 10;
  return round == 1 || round == 2 || round == 5;
}

ProgressPrinter::ProgressPrinter(const RunConfig& config, const Console& console)
    : config_(config), console_(console), out_(config.output.json ? console.err : console.out) {
  const bool is_terminal = config.output.json ? console.err_is_terminal : console.out_is_terminal;
  shows_rounds_ = !config.output.quiet && config.output.progress != Progress::none;
  const bool is_lively = shows_rounds_ && config.output.progress == Progress::automatic;
  colour_ = is_lively && is_terminal && console.colour;
  live_ = is_lively && console.err_is_terminal && console.can_rewrite;
}

void ProgressPrinter::on_phase(std::string_view what) { show_live(what); }

void ProgressPrinter::on_start(const RunInfo& info) {
  clear();
  if (!config_.output.quiet) {
    for (const std::string& notice : info.notices) tell(notice);
  }
  if (!shows_rounds_) return;
  table_ = RoundTable(std::isfinite(info.models.empty() ? info.reference_objective
                                                        : info.models.front().reference_objective));
  out_ << header_text(config_, info) << '\n'
       << paint(table_.heading(), Colour::dim, colour_) << std::endl;
}

void ProgressPrinter::on_notice(const std::string& line) {
  if (config_.output.quiet) return;
  clear();
  tell(line);
}

void ProgressPrinter::tell(const std::string& notice) {
  console_.err << message_text("notice: ", notice, console_.err_is_terminal) << std::flush;
}

void ProgressPrinter::on_round(const RoundRow& row) {
  if (!shows_rounds_) return;
  const bool is_new_rho = row.round > 1 && row.rho != rho_;
  rho_ = row.rho;
  if (is_milestone(row.round) || is_new_rho) {
    unseen_.reset();
    print_row(row);
    return;
  }
  unseen_ = row;
  if (!live_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - live_at_ < kLiveInterval) return;
  live_at_ = now;
  show_live(table_.row(row));
}

void ProgressPrinter::print_row(const RoundRow& row) {
  clear();
  out_ << table_.row(row) << std::endl;
}

void ProgressPrinter::finish(const RunResult& result) {
  clear();
  if (config_.output.quiet) return;
  if (unseen_) print_row(*unseen_);
  unseen_.reset();
  if (shows_rounds_) out_ << '\n';
  out_ << paint(stop_text(config_, result.summary), colour_of(result.summary.stop), colour_) << '\n'
       << summary_text(config_, result) << std::flush;
}

void ProgressPrinter::show_live(std::string_view text) {
  if (!live_) return;
  // One column short: a full line would wrap and could not be taken away.
  const int width = std::clamp(console_.columns, 2, 80) - 1;
  console_.err << "\r\033[K" << text.substr(0, static_cast<std::size_t>(width)) << std::flush;
  live_shown_ = true;
}

void ProgressPrinter::clear() {
  if (!live_shown_) return;
  console_.err << "\r\033[K" << std::flush;
  live_shown_ = false;
}

}  // namespace laggard
