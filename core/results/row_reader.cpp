#include "core/results/row_reader.hpp"

#include "core/results/csv_rows.hpp"
#include "core/results/rows.hpp"

namespace laggard {
namespace {

namespace fs = std::filesystem;

Outcome read_outcome(CsvRows& rows) {
  const std::string_view text = rows.text();
  for (const Outcome outcome : {Outcome::accepted, Outcome::discarded, Outcome::revoked,
                                Outcome::failed, Outcome::unfinished})
    if (text == to_string(outcome)) return outcome;
  rows.fail_field(text, "the outcome of a task");
}

}  // namespace

std::vector<RoundRow> read_rounds(const fs::path& directory, std::string_view what) {
  CsvRows rows(directory, "iterations.csv", kIterationsHeader, what);
  std::vector<RoundRow> all;
  while (rows.next()) {
    RoundRow& row = all.emplace_back();
    rows.take(row.round);
    rows.take(row.at);
    for (double* const value :
         {&row.wall_seconds, &row.objective, &row.gap, &row.primal, &row.dual, &row.rho})
      rows.take(*value);
    for (int* const value : {&row.accepted, &row.discarded, &row.staleness_max, &row.age_max})
      rows.take(*value);
    rows.take(row.bytes_up);
    rows.take(row.bytes_down);
    for (double* const value :
         {&row.decode_rms, &row.decode_error, &row.decode_weight, &row.disagreement})
      rows.take(*value);
  }
  return all;
}

std::vector<TaskRow> read_tasks(const fs::path& directory, std::string_view what) {
  CsvRows rows(directory, "workers.csv.gz", kWorkersHeader, what);
  std::vector<TaskRow> all;
  while (rows.next()) {
    TaskRow& row = all.emplace_back();
    for (int* const value : {&row.round, &row.worker, &row.shard}) rows.take(*value);
    for (Time* const time : {&row.dispatched, &row.started, &row.finished, &row.arrived})
      rows.take(*time);
    rows.skip();  // compute
    rows.take(row.pause);
    rows.take(row.idle);
    for (int column = 0; column < 3; ++column) rows.skip();  // delay, communication, queueing
    rows.take(row.passes);
    rows.take(row.inner_iterations);
    rows.take(row.dense_work);
    rows.take(row.staleness);
    row.outcome = read_outcome(rows);
  }
  return all;
}

std::vector<LifeRow> read_lives(const fs::path& directory, std::string_view what) {
  CsvRows rows(directory, "fleet.csv", kFleetHeader, what);
  std::vector<LifeRow> all;
  while (rows.next()) {
    LifeRow& row = all.emplace_back();
    rows.take(row.key.worker);
    rows.take(row.key.incarnation);
    for (Time* const time : {&row.invoked, &row.connected, &row.ready, &row.ended})
      rows.take(*time);
    rows.skip();  // cold_start
    int cold = 0;
    rows.take(cold);
    row.cold = cold != 0;
    row.end = rows.text();
  }
  return all;
}

}  // namespace laggard
