// sync with backup tasks: whatever has taken far longer than the median of its round is started
// again on a worker that idles, and the first of the two reports counts.
// Dean and Ghemawat, MapReduce, OSDI 2004, section 3.6.
//
//   repeat until a stop rule holds:
//     send z to every shard's worker
//     until every shard has reported:
//       M = median time of the reports that are in, once `quorum` of them are
//       at `factor` M after the start, send z again for each shard that is out, to idle workers
//       take the first report of a shard, revoke its other task
//     update z
//
// A task is a pure function of what it carries, so the iterates are those of sync, bit for bit.
#include "core/schedule/plugin.hpp"

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

struct Options {
  explicit Options(const OptionValues& values)
      : factor(real_value(values, "backup-factor")), quorum(real_value(values, "backup-quorum")) {}

  double factor;  // a task is late once it has taken this many medians
  double quorum;  // share of reports that must be in before their median is trusted
};

// What is known of the round in progress.
struct Round {
  Round(Time now, int shards) : start(now), backed_up(static_cast<std::size_t>(shards), false) {}

  Time start;
  std::vector<Time> taken;      // from the start to each report, in order of arrival: ascending
  std::vector<bool> backed_up;  // by shard
};

// When what is still out is late; kForever while too little is known.
Time due(const Round& round, const Options& options) {
  const double shards = static_cast<double>(round.backed_up.size());
  const auto reports = static_cast<double>(round.taken.size());
  if (reports < std::max(1.0, std::ceil(options.quorum * shards))) return kForever;
  const Time median = round.taken[(round.taken.size() - 1) / 2];
  const Time wait = from_seconds(options.factor * to_seconds(median));
  return wait < kForever - round.start ? round.start + wait : kForever;
}

// -1 if all are at work.
WorkerId idle_worker(const Session& s) {
  for (WorkerId worker = 0; worker < s.workers(); ++worker)
    if (!s.worker_busy(worker)) return worker;
  return -1;
}

// One backup a shard and round, as long as there are workers for it.
void start_backups(Session& s, Round& round) {
  for (ShardId shard = 0; shard < s.shards(); ++shard) {
    const auto index = static_cast<std::size_t>(shard);
    if (s.fresh(shard) || round.backed_up[index]) continue;
    const WorkerId worker = idle_worker(s);
    if (worker < 0) return;
    s.dispatch(shard, worker);
    round.backed_up[index] = true;
  }
}

// The second of two reports that came at one instant may be late, or for a shard that is in.
void take(Session& s, Round& round, Report report) {
  const ShardId shard = report.shard;
  if (s.late(report) || s.fresh(shard)) return s.discard(report);
  round.taken.push_back(s.now() - round.start);
  s.accept(std::move(report));
  s.revoke_shard(shard);
}

asio::awaitable<void> run_speculative_backup(Session& s) {
  const Options options(s.options());
  while (s.running()) {
    Round round(s.now(), s.shards());
    s.dispatch_all();
    while (s.accepted() < s.shards()) {
      const Time now = s.now();
      const Time late_at = due(round, options);
      if (now >= late_at) start_backups(s, round);
      // Past that time only a report changes anything: it frees a worker.
      const Time deadline = now < late_at ? late_at : kForever;
      std::optional<Report> report = co_await s.next_until(deadline);
      if (report) take(s, round, std::move(*report));
    }
    s.update();
  }
}

}  // namespace

LAGGARD_PROTOCOL({
    .name = "speculative_backup",
    .summary = "sync, but what takes too long is started again on an idle worker",
    .source = "Dean and Ghemawat 2004 (MapReduce), section 3.6",
    .options = {{.name = "backup-factor",
                 .type = OptionType::real,
                 .min = 1,
                 .max = kInfinity,
                 .default_text = "3",
                 .help = "a task is late once it has taken this many medians of its round"},
                {.name = "backup-quorum",
                 .type = OptionType::real,
                 .min = 0,
                 .max = 1,
                 .default_text = "0.5",
                 .help = "share of reports in before their median is trusted"}},
    .run = run_speculative_backup,
})

}  // namespace laggard
