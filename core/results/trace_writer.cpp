#include "core/results/trace_writer.hpp"

#include "core/io/atomic_file.hpp"
#include "core/io/error.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <iterator>
#include <utility>

namespace laggard {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTraceOption = "--trace";
constexpr auto kFlushInterval = std::chrono::seconds(1);

// Processes and threads of the format. A viewer shows them in this order.
constexpr int kCoordinatorPid = 1, kWorkersPid = 2, kMessagesPid = 3, kStartsPid = 4;
constexpr int kUpdatesTid = 1;  // the coordinator's lane
constexpr int kFirstTid = 10;
constexpr int kLanesOfWorker = 1000;  // room for them in the order

fs::path trace_part(fs::path file) { return file += ".part"; }

bool is_packed(const fs::path& file) { return file.extension() == ".gz"; }

std::string json_string(std::string_view text) {
  return boost::json::serialize(boost::json::string(text));
}

// `,"name":value` where there is a value that JSON has.
void append_finite(std::string& text, std::string_view name, double value) {
  if (std::isfinite(value))
    fmt::format_to(std::back_inserter(text), "{}\"{}\":{}", text.ends_with('{') ? "" : ",", name,
                   value);
}

}  // namespace

void TraceWriter::check(const fs::path& file, bool overwrite) {
  const auto refuse = [&](std::string_view why) {
    throw Error(fmt::format("{}: {}: {}", kTraceOption, file.string(), why));
  };
  const std::string name = file.filename();
  if (!name.ends_with(".json") && !name.ends_with(".json.gz"))
    refuse("is no name of a trace; expected one that ends in .json or .json.gz");
  std::error_code error;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, error)) refuse("its folder is not there; expected one that is");
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    refuse(fmt::format("cannot write to its folder: {}", std::strerror(errno)));
  if (fs::is_directory(file, error)) refuse("is a folder; expected the name of a file");
  if (!overwrite && fs::exists(fs::symlink_status(file, error)))
    refuse("is there already; expected another name, or --overwrite");
}

TraceWriter::TraceWriter(fs::path file, int workers, std::string_view about)
    : file_(std::move(file)),
      out_(is_packed(file_) ? open_gzip_file(trace_part(file_), kTraceOption)
                            : open_text_file(trace_part(file_), kTraceOption)),
      flushed_(std::chrono::steady_clock::now()),
      next_tid_(kFirstTid),
      workers_{kWorkersPid, {}},
      messages_{kMessagesPid, {}},
      starts_{kStartsPid, {}} {
  text_ = "[\n";
  describe(kCoordinatorPid, "coordinator");
  fmt::format_to(std::back_inserter(text_),
                 R"({{"ph":"M","name":"process_labels","pid":{0},"args":{{"labels":{1}}}}},)"
                 "\n"
                 R"({{"ph":"M","name":"thread_name","pid":{0},"tid":{2},)"
                 R"("args":{{"name":"updates of z"}}}},)"
                 "\n",
                 kCoordinatorPid, json_string(about), kUpdatesTid);
  describe(kWorkersPid, "workers");
  describe(kMessagesPid, "messages");
  for (Kind* kind : {&workers_, &messages_, &starts_}) {
    kind->of_worker.resize(static_cast<std::size_t>(workers));
    if (kind == &starts_) continue;  // not every fleet has any
    for (WorkerId worker = 0; worker < workers; ++worker) open_lane(*kind, worker);
  }
  out_->append(text_);
  out_->flush();
  text_.clear();
}

TraceWriter::~TraceWriter() {
  // A run that ended by an exception keeps what it had.
  try {
    if (out_ && !failure_) out_->flush();
  } catch (const Error&) {
    // Nobody is left to be told: the exception that ended the run is on its way.
  }
}

void TraceWriter::describe(int pid, std::string_view name) {
  fmt::format_to(std::back_inserter(text_),
                 R"({{"ph":"M","name":"process_name","pid":{0},"args":{{"name":"{1}"}}}},)"
                 "\n"
                 R"({{"ph":"M","name":"process_sort_index","pid":{0},)"
                 R"("args":{{"sort_index":{0}}}}},)"
                 "\n",
                 pid, name);
}

TraceWriter::Lane& TraceWriter::open_lane(Kind& kind, WorkerId worker) {
  std::vector<Lane>& lanes = kind.of_worker[static_cast<std::size_t>(worker)];
  lanes.push_back({next_tid_++, {}});
  const std::size_t count = lanes.size();
  fmt::format_to(std::back_inserter(text_),
                 R"({{"ph":"M","name":"thread_name","pid":{0},"tid":{1},)"
                 R"("args":{{"name":"worker {2}{3}"}}}},)"
                 "\n"
                 R"({{"ph":"M","name":"thread_sort_index","pid":{0},"tid":{1},)"
                 R"("args":{{"sort_index":{4}}}}},)"
                 "\n",
                 kind.pid, lanes.back().tid, worker, count == 1 ? "" : fmt::format(" ({})", count),
                 static_cast<std::size_t>(worker) * kLanesOfWorker + count);
  return lanes.back();
}

void TraceWriter::add_slice(const Kind& kind, const Lane& lane, const Slice& slice,
                            std::string_view name, std::string_view category,
                            std::string_view arguments) {
  fmt::format_to(std::back_inserter(text_),
                 R"({{"ph":"X","name":"{}","cat":"{}","pid":{},"tid":{},"ts":{},"dur":{},)"
                 R"("args":{{{}}}}},)"
                 "\n",
                 name, category, kind.pid, lane.tid, slice.begin, slice.end - slice.begin,
                 arguments);
}

void TraceWriter::on_task(const TaskRow& row) {
  if (row.started == kForever || row.finished == kForever) {
    send(row, "not computed", "not computed", row.dispatched, row.arrived);
  } else {
    serve(row);
    send(row, "to the worker", "communication", row.dispatched, row.started);
    send(row, "to the coordinator", "communication", row.finished, row.arrived);
  }
  write();
}

// On the worker's lane. Fleets of processes know the worker's times up to a part of the message's
// way: what would overlap there is drawn shorter.
void TraceWriter::serve(const TaskRow& row) {
  const Time pause = row.pause == kForever ? Time{} : row.pause;
  const Time computes = row.started + pause;
  std::vector<Lane>& lanes = workers_.of_worker[static_cast<std::size_t>(row.worker)];
  const auto draw = [&](Time begin, Time end, std::string_view name, std::string_view category,
                        std::string_view arguments) {
    const std::optional<Slice> slice = make_slice(begin, end);
    if (!slice) return;
    if (const auto fitting = lanes.front().slices.fit(*slice))
      return add_slice(workers_, lanes.front(), *fitting, name, category, arguments);
    if (category == "waiting") return;
    for (std::size_t i = 1;; ++i) {
      if (i == lanes.size()) open_lane(workers_, row.worker);
      if (lanes[i].slices.put(*slice))
        return add_slice(workers_, lanes[i], *slice, name, category, arguments);
    }
  };
  const std::string outcome(to_string(row.outcome));
  const std::string arguments =
      fmt::format(R"("round":{},"shard":{},"outcome":"{}","staleness":{},"passes":{})", row.round,
                  row.shard, outcome, row.staleness, row.passes);
  draw(computes, row.finished, row.outcome == Outcome::accepted ? "compute" : "compute, " + outcome,
       "compute", arguments);
  draw(row.started, computes, "pause", "pause", "");
  if (row.idle != kForever) draw(row.started - row.idle, row.started, "wait", "waiting", "");
}

void TraceWriter::send(const TaskRow& row, std::string_view name, std::string_view category,
                       Time begin, Time end) {
  const std::optional<Slice> slice = make_slice(begin, end);
  if (!slice) return;
  std::vector<Lane>& lanes = messages_.of_worker[static_cast<std::size_t>(row.worker)];
  const std::string arguments = fmt::format(R"("round":{},"shard":{},"outcome":"{}")", row.round,
                                            row.shard, to_string(row.outcome));
  for (std::size_t i = 0;; ++i) {
    if (i == lanes.size()) open_lane(messages_, row.worker);
    if (!lanes[i].slices.put(*slice)) continue;
    return add_slice(messages_, lanes[i], *slice, name, category, arguments);
  }
}

void TraceWriter::on_round(const RoundRow& row) {
  const std::int64_t at = to_microseconds(row.at);
  std::string values = "{", residuals = "{";
  append_finite(values, "objective", row.objective);
  append_finite(values, "gap", row.gap);
  append_finite(values, "rho", row.rho);
  append_finite(residuals, "r", row.primal);
  append_finite(residuals, "s", row.dual);
  const auto out = std::back_inserter(text_);
  fmt::format_to(out,
                 R"({{"ph":"i","s":"p","name":"z {0}","cat":"update","pid":{1},"tid":{2},)"
                 R"("ts":{3},"args":{4}{5}"round":{0},"accepted":{6},"discarded":{7}}}}},)"
                 "\n",
                 row.round, kCoordinatorPid, kUpdatesTid, at, values, values == "{" ? "" : ",",
                 row.accepted, row.discarded);
  if (residuals != "{")
    fmt::format_to(out,
                   R"({{"ph":"C","name":"residual","pid":{},"ts":{},"args":{}}}}},)"
                   "\n",
                   kCoordinatorPid, at, residuals);
  write();
}

void TraceWriter::on_submit(WorkerId, Time at) { count_under_way(1, at); }

void TraceWriter::on_answer(WorkerId, Time at) { count_under_way(-1, at); }

// One event for all changes of an instant.
void TraceWriter::count_under_way(int change, Time at) {
  if (under_way_at_ && to_microseconds(*under_way_at_) != to_microseconds(at)) {
    write_under_way();
    write();
  }
  under_way_ += change;
  under_way_at_ = at;
}

void TraceWriter::write_under_way() {
  if (!under_way_at_) return;
  fmt::format_to(std::back_inserter(text_),
                 R"({{"ph":"C","name":"tasks","pid":{},"ts":{},"args":{{"under way":{}}}}},)"
                 "\n",
                 kCoordinatorPid, to_microseconds(*under_way_at_), under_way_);
  under_way_at_.reset();
}

void TraceWriter::write() {
  if (!failure_) {
    try {
      out_->append(text_);
      flush();
    } catch (const Error& error) {
      failure_ = error.what();
    }
  }
  text_.clear();
}

void TraceWriter::flush() {
  const auto now = std::chrono::steady_clock::now();
  if (now - flushed_ < kFlushInterval) return;
  flushed_ = now;
  out_->flush();
}

void TraceWriter::live(const LifeRow& life) {
  std::vector<Lane>& lanes = starts_.of_worker[static_cast<std::size_t>(life.key.worker)];
  if (lanes.empty()) open_lane(starts_, life.key.worker);
  const bool started = life.ready != kForever;
  if (const auto slice = make_slice(life.invoked, started ? life.ready : life.ended)) {
    for (std::size_t i = 0;; ++i) {
      if (i == lanes.size()) open_lane(starts_, life.key.worker);
      if (!lanes[i].slices.put(*slice)) continue;
      add_slice(starts_, lanes[i], *slice,
                !started    ? "failed start"
                : life.cold ? "cold start"
                            : "warm start",
                started ? "start" : "failed start",
                fmt::format(R"("incarnation":{})", life.key.incarnation));
      break;
    }
  }
  if (life.ended == kForever) return;
  fmt::format_to(std::back_inserter(text_),
                 R"({{"ph":"i","s":"t","name":{},"cat":"end","pid":{},"tid":{},"ts":{},)"
                 R"("args":{{"incarnation":{}}}}},)"
                 "\n",
                 json_string(life.end.empty() ? "end" : life.end), kStartsPid, lanes.front().tid,
                 to_microseconds(life.ended), life.key.incarnation);
}

void TraceWriter::finish(const Summary& summary) {
  if (!summary.lives.empty()) describe(kStartsPid, "starts");
  for (const LifeRow& life : summary.lives) {
    live(life);
    write();
  }
  write_under_way();
  write();
  if (failure_) throw Error(*failure_);
  // The last event has no comma after it.
  out_->append(fmt::format(R"({{"ph":"i","s":"g","name":"the run ends: {}","cat":"end","pid":{},)"
                           R"("tid":{},"ts":{},"args":{{}}}})"
                           "\n]\n",
                           to_string(summary.stop), kCoordinatorPid, kUpdatesTid,
                           to_microseconds(summary.last.at)));
  std::exchange(out_, nullptr)->finish();
  publish_file(trace_part(file_), file_, kTraceOption);
}

}  // namespace laggard
