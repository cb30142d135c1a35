#include "core/schedule/verdict.hpp"

#include "core/io/error.hpp"
#include "core/problem/finite.hpp"
#include "core/problem/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard {
namespace {

constexpr double kDivergence = 1e6;  // growth of phi over max(1, abs(phi(0)))

// Of those that an update reaches.
bool is_limit(StopReason reason) {
  return reason == StopReason::max_rounds || reason == StopReason::max_tasks ||
         reason == StopReason::max_passes || reason == StopReason::time_limit;
}

}  // namespace

Verdict::Verdict(const SessionOptions& options, const Fleet& fleet,
                 const std::atomic<bool>& interrupted, std::function<void()> ended)
    : options_(options),
      fleet_(fleet),
      interrupted_(interrupted),
      ended_(std::move(ended)),
      turns_{{.reference = options.reference}} {
  LAGGARD_ASSERT(!options.target_gap || options.reference, "a target gap without a reference");
}

void Verdict::start(double initial_objective) {
  initial_objective_ = initial_objective;
  wall_start_ = std::chrono::steady_clock::now();
}

double Verdict::wall_seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_start_).count();
}

void Verdict::end(StopReason reason, std::string detail) {
  if (reason_) return;
  reason_ = reason;
  detail_ = std::move(detail);
  at_ = fleet_.now();
  wall_ = wall_seconds();
  ended_();
}

void Verdict::look_for_interrupt() {
  if (interrupted_.load(std::memory_order_relaxed)) end(StopReason::interrupted);
}

// Looking costs some passes over the data: the rule is heard again after a tenth more rounds, and a
// rule that never holds keeps a run from ending for twice its length at most. Nor does the limit of
// tasks, which is there by default, end a run as if it had not converged.
bool Verdict::proposes(const Done& done, const Residuals& residuals, int features) {
  const int round = done.rounds;
  Turn& turn = turn_of(round);
  if (options_.stopping.rule != StopRule::certified) return false;
  if (limit(done) == StopReason::max_tasks) return true;
  if (round < turn.next_proposal) return false;
  if (round < turn.next_look && !satisfied(options_.stopping, residuals, features)) return false;
  turn.next_proposal = round + std::max(1, round / 10);
  turn.next_look = 2 * round;
  return true;
}

// The iterate of this round meets what ends the run: whether one of each model has.
bool Verdict::all_met(int round) {
  turn_of(round).met = true;
  return std::all_of(turns_.begin(), turns_.end(), [](const Turn& turn) { return turn.met; });
}

void Verdict::judge_update(const Done& done, const Residuals& residuals, const Vector& z) {
  if (!all_finite(view(z)) || !std::isfinite(residuals.primal + residuals.dual))
    end(StopReason::not_finite, fmt::format("z or its residuals at round {}", done.rounds));
  if (options_.stopping.rule != StopRule::certified &&
      satisfied(options_.stopping, residuals, static_cast<int>(z.size())) && all_met(done.rounds))
    end(StopReason::rule_holds);
  if (!residuals.ended.empty() && all_met(done.rounds))
    end(StopReason::method_ended, residuals.ended);
  judge_limits(done);
  if (fleet_.now() >= options_.time_limit) end(StopReason::time_limit);
  look_for_interrupt();
}

void Verdict::judge_limits(const Done& done) {
  if (const auto reached = limit(done)) end(*reached);
}

// On the work.
std::optional<StopReason> Verdict::limit(const Done& done) const {
  if (options_.max_rounds && done.rounds >= *options_.max_rounds) return StopReason::max_rounds;
  if (options_.max_tasks && done.tasks >= *options_.max_tasks) return StopReason::max_tasks;
  if (done.passes >= options_.max_passes) return StopReason::max_passes;
  return std::nullopt;
}

// Where phi is evaluated beside the run, its verdict comes some updates late, even after a limit
// has ended the run. The run counts as ended by the update in question, as it does where phi is
// evaluated on the spot: what it comes to does not depend on how fast that was.
bool Verdict::judge_objective(Iterate& iterate) {
  if (final_) return false;
  RoundRow& row = iterate.row;
  Turn& turn = turn_of(row.round);
  if (turn.reference) row.gap = relative_gap(row.objective, *turn.reference);
  last_row_ = row;
  if (turns_.size() > 1 && iterate.z) turn.last = iterate;
  const auto end_here = [&](StopReason reason, std::string detail) {
    if (reason_ && (is_limit(*reason_) || *reason_ == StopReason::rule_holds)) reason_.reset();
    if (reason_) return;
    end(reason, std::move(detail));
    final_ = iterate;
  };
  const auto meets = [&](double value, double bound) {
    return value <= bound && all_met(row.round);
  };
  if (meets(row.gap, options_.target_gap.value_or(-kInfinity)))
    end_here(StopReason::target_gap, "");
  if (meets(iterate.validation_loss, options_.target_loss.value_or(-kInfinity)))
    end_here(StopReason::target_loss, "");
  if (meets(iterate.certified_gap, options_.stopping.eps_gap)) end_here(StopReason::converged, "");
  if (!std::isfinite(row.objective) && !std::isnan(row.objective))
    end_here(StopReason::not_finite, fmt::format("the objective at round {}", row.round));
  if (row.objective > kDivergence * std::max(1.0, std::abs(initial_objective_)))
    end_here(StopReason::diverged,
             fmt::format("objective {} at round {}", row.objective, row.round));
  return true;
}

void Verdict::summarise(Summary& out, int round, const Vector& last) const {
  out.stop = *reason_;
  out.detail = detail_;
  out.last = last_row_;
  out.rounds = final_ ? final_->row.round : round;
  out.z = final_ ? *final_->z : last;
  out.fleet_seconds = to_seconds(final_ ? final_->row.at : at_);
  out.wall_seconds = final_ ? final_->row.wall_seconds : wall_;
  if (final_) out.iterate_digest = final_->digest;
  if (final_) out.certified_gap = final_->certified_gap;
  if (final_) out.kkt = final_->kkt;
  if (turns_.size() == 1 || options_.timing_only) return;
  for (const Turn& turn : turns_) {
    ModelOutcome& model = out.models.emplace_back();
    if (!turn.last) continue;
    model.round = turn.last->row.round;
    model.objective = turn.last->row.objective;
    model.gap = turn.last->row.gap;
    model.certified_gap = turn.last->certified_gap;
    model.validation_loss = turn.last->validation_loss;
    model.z = *turn.last->z;
  }
}

}  // namespace laggard
