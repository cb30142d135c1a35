#include "core/results/rows.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace laggard {

const std::string_view kIterationsHeader =
    "round,virtual_s,wall_s,objective,gap,primal,dual,rho,accepted,discarded,staleness_max,"
    "age_max,bytes_up,bytes_down,decode_rms,decode_error,decode_weight,disagreement\n";
const std::string_view kWorkersHeader =
    "round,worker,shard,dispatched,started,finished,arrived,compute,pause,idle,delay,"
    "communication,queueing,passes,inner_iterations,dense_work,staleness,outcome\n";
const std::string_view kFleetHeader =
    "worker,incarnation,invoked,connected,ready,ended,cold_start,cold,end\n";
const std::string_view kPerWorkerHeader =
    "worker,tasks,compute,pause,idle,delay,communication,queueing,cold_start,responsiveness,"
    "starts,hand_overs,losses\n";
const std::string_view kSolutionHeader = "feature,value\n";
const std::string_view kModelsHeader = "model,feature,value\n";

namespace {

void append_number(std::string& text, double value) {
  if (std::isfinite(value)) fmt::format_to(std::back_inserter(text), "{}", value);
}

}  // namespace

void append_csv_text(std::string& text, std::string_view value) {
  if (value.find_first_of(",\"\n\r") == value.npos) {
    text += value;
    return;
  }
  text += '"';
  for (const char c : value) {
    if (c == '"') text += '"';
    text += c;
  }
  text += '"';
}

void append_seconds(std::string& text, Time time) {
  if (time == kForever) return;
  const std::int64_t ns = time.count();
  const std::uint64_t size =
      ns < 0 ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
  if (ns < 0) text += '-';
  fmt::format_to(std::back_inserter(text), "{}", size / 1'000'000'000);
  const std::uint64_t fraction = size % 1'000'000'000;
  if (fraction == 0) return;
  fmt::format_to(std::back_inserter(text), ".{:09}", fraction);
  text.erase(text.find_last_not_of('0') + 1);
}

void append_row(std::string& text, const RoundRow& row) {
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "{},", row.round);
  append_seconds(text, row.at);
  for (const double value :
       {row.wall_seconds, row.objective, row.gap, row.primal, row.dual, row.rho}) {
    text += ',';
    append_number(text, value);
  }
  fmt::format_to(out, ",{},{},{},{},{},{}", row.accepted, row.discarded, row.staleness_max,
                 row.age_max, row.bytes_up, row.bytes_down);
  for (const double value :
       {row.decode_rms, row.decode_error, row.decode_weight, row.disagreement}) {
    text += ',';
    append_number(text, value);
  }
  text += '\n';
}

void append_row(std::string& text, const TaskRow& row) {
  const TaskTimes times = times_of(row);
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "{},{},{}", row.round, row.worker, row.shard);
  for (const Time time : {row.dispatched, row.started, row.finished, row.arrived, times.compute,
                          row.pause, row.idle, times.delay, times.communication, times.queueing}) {
    text += ',';
    append_seconds(text, time);
  }
  fmt::format_to(out, ",{},{},{},{},{}\n", row.passes, row.inner_iterations, row.dense_work,
                 row.staleness, to_string(row.outcome));
}

void append_row(std::string& text, const LifeRow& row) {
  fmt::format_to(std::back_inserter(text), "{},{}", row.key.worker, row.key.incarnation);
  const Time cold_start = row.ready == kForever ? kForever : row.ready - row.invoked;
  for (const Time time : {row.invoked, row.connected, row.ready, row.ended, cold_start}) {
    text += ',';
    append_seconds(text, time);
  }
  text += row.cold ? ",1," : ",0,";
  append_csv_text(text, row.end);
  text += '\n';
}

void append_row(std::string& text, const WorkerRow& row) {
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "{},{}", row.worker, row.tasks);
  for (const MeanTime& time : {row.compute, row.pause, row.idle, row.delay, row.communication,
                               row.queueing, row.cold_start}) {
    text += ',';
    append_seconds(text, time.mean());
  }
  text += ',';
  append_number(text, row.responsiveness);
  if (row.starts == 0)
    text += ",,,\n";
  else
    fmt::format_to(out, ",{},{},{}\n", row.starts, row.hand_overs, row.losses);
}

std::string solution_rows(const Vector& z, std::string_view before) {
  std::string text;
  for (Eigen::Index j = 0; j < z.size(); ++j) {
    fmt::format_to(std::back_inserter(text), "{}{},", before, j + 1);
    append_number(text, z[j]);
    text += '\n';
  }
  return text;
}

}  // namespace laggard
