#include "core/schedule/ledger.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace laggard {

Ledger::Ledger(Observer& observer, int workers, std::vector<std::int64_t> nonzeros)
    : observer_(observer),
      last_finished_(static_cast<std::size_t>(workers), kForever),
      taken_(nonzeros.size(), false),
      nonzeros_(std::move(nonzeros)),
      statistics_(workers) {}

double Ledger::passes() const {
  const std::int64_t whole = std::accumulate(nonzeros_.begin(), nonzeros_.end(), std::int64_t{0});
  return static_cast<double>(swept_) / static_cast<double>(whole);
}

void Ledger::on_sent(std::int64_t bytes) {
  bytes_down_ += bytes;
  row_.bytes_down += bytes;
}

void Ledger::on_report(Flight& flight, const Report& report, Time now, bool travelled) {
  schedule_.add(report.id);
  schedule_.add(report.worker);
  schedule_.add(report.shard);
  schedule_.add(now.count());
  if (report.contribution.given()) {
    const std::int64_t bytes = travelled ? size_of_report(flight.task).bytes : 0;
    bytes_up_ += bytes;
    row_.bytes_up += bytes;
    swept_ += report.contribution.passes * nonzeros_of(flight.task);
  }
  TaskRow& row = flight.row;
  row.started = report.started;
  row.finished = report.finished;
  row.arrived = report.arrived;
  row.passes = report.contribution.passes;
  row.inner_iterations = report.contribution.inner_iterations;
  row.dense_work = report.contribution.dense_work;
  if (report.started == kForever || report.finished == kForever) return;
  row.pause = report.pause;
  Time& last_finished = last_finished_[static_cast<std::size_t>(report.worker)];
  if (last_finished != kForever) row.idle = report.started - last_finished;
  if (report.idle != kForever) row.idle = report.idle;
  last_finished = report.finished;
  compute_seconds_ += to_seconds(report.finished - report.started - report.pause);
  pause_seconds_ += to_seconds(report.pause);
}

std::int64_t Ledger::nonzeros_of(const Task& task) const {
  if (task.nonzeros) return *task.nonzeros;
  if (task.parts.empty()) return nonzeros_[static_cast<std::size_t>(task.shard)];
  std::int64_t sum = 0;
  for (const Part& part : task.parts) sum += nonzeros_[static_cast<std::size_t>(part.shard)];
  return sum;
}

void Ledger::on_fate(Flight& flight, Outcome outcome, int round, int staleness) {
  TaskRow& row = flight.row;
  row.round = round + 1;
  row.worker = flight.task.worker;
  row.shard = flight.task.shard;
  row.dispatched = flight.dispatched;
  row.outcome = outcome;
  if (outcome == Outcome::accepted) {
    row.staleness = staleness;
    row_.staleness_max = std::max(row_.staleness_max, row.staleness);
    if (!was_taken(flight.task) && row.started != kForever) begun_ = std::max(begun_, row.started);
    ++row_.accepted;
    ++tasks_accepted_;
  }
  if (outcome == Outcome::discarded) ++row_.discarded;
  statistics_.add(row);
  observer_.on_task(row);
}

bool Ledger::was_taken(const Task& task) const {
  const auto taken = [&](ShardId shard) { return taken_[static_cast<std::size_t>(shard)]; };
  if (task.parts.empty()) return taken(task.shard);
  return std::all_of(task.parts.begin(), task.parts.end(),
                     [&](const Part& part) { return taken(part.shard); });
}

void Ledger::on_decoding(const Decoding& decoding) {
  row_.decode_rms = decoding.rms_error;
  row_.decode_error = decoding.error;
  row_.decode_weight = decoding.mean_weight;
  decode_error_ = std::fmax(decode_error_, decoding.error);
  decode_rms_ = std::fmax(decode_rms_, decoding.rms_error);
  if (!(std::abs(decoding.mean_weight - 1) <= std::abs(decode_weight_ - 1)))
    decode_weight_ = decoding.mean_weight;
  condition_ = std::fmax(condition_, decoding.condition);
}

RoundRow Ledger::close_round(RoundRow known, const Residuals& residuals, const Vector& z) {
  iterates_.add(z.data(), sizeof(double) * static_cast<std::size_t>(z.size()));
  for (const ShardId shard : known.fresh) taken_[static_cast<std::size_t>(shard)] = true;
  if (!startup_ && std::all_of(taken_.begin(), taken_.end(), [](bool taken) { return taken; })) {
    startup_ = begun_;
    statistics_.end_startup(begun_);
    observer_.on_startup(begun_);
  }
  RoundRow row = std::exchange(row_, RoundRow{});
  row.round = known.round;
  row.at = known.at;
  row.wall_seconds = known.wall_seconds;
  row.rho = known.rho;
  row.age_max = known.age_max;
  row.fresh = std::move(known.fresh);
  row.primal = residuals.primal;
  row.dual = residuals.dual;
  row.disagreement = residuals.disagreement;
  return row;
}

void Ledger::summarise(Summary& out, const std::vector<LifeRow>& lives) const {
  out.compute_seconds = compute_seconds_;
  out.pause_seconds = pause_seconds_;
  out.bytes_up = bytes_up_;
  out.bytes_down = bytes_down_;
  out.tasks = tasks_;
  out.tasks_wasted = tasks_ - tasks_accepted_;
  out.tasks_capped = capped_;
  out.passes = passes();
  out.decode_error = decode_error_;
  out.decode_rms = decode_rms_;
  out.decode_weight = decode_weight_;
  out.condition_number = condition_;
  out.workers = statistics_.rows(lives);
  out.schedule_digest = schedule_.value();
  out.iterate_digest = iterates_.value();
}

void Ledger::persist(StateArchive& archive) {
  std::uint64_t schedule = schedule_.value(), iterates = iterates_.value();
  archive.value(schedule);
  archive.value(iterates);
  for (std::int64_t* total :
       {&bytes_up_, &bytes_down_, &tasks_, &tasks_accepted_, &capped_, &swept_})
    archive.value(*total);
  for (double* number : {&compute_seconds_, &pause_seconds_, &decode_error_, &decode_rms_,
                         &decode_weight_, &condition_})
    archive.value(*number);
  schedule_ = Digest(schedule);
  iterates_ = Digest(iterates);
}

}  // namespace laggard
