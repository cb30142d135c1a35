// sync with backup tasks: what is late is sent again, to a worker that idles, and the first answer
// counts. Dean and Ghemawat, MapReduce, OSDI 2004, section 3.6.                     [math 4]
//
//   repeat until a stop rule holds:
//     send z to every shard's worker
//     until every shard has reported:
//       once half of them have, after m: a task is late once q m have passed since it was sent
//       send each late task again, to the next worker after its own that idles
//       take the first report of a shard, revoke its other tasks
//     update z
#include "core/schedule/plugin.hpp"

#include <algorithm>
#include <vector>

namespace laggard {
namespace {

// What is known of the round in progress.
class Round {
 public:
  Round(Session& session, double after, std::int64_t most)
      : s_(session),
        after_(after),
        most_(most),
        start_(session.now()),
        sent_(static_cast<std::size_t>(session.shards()), start_),
        backups_(sent_.size(), 0),
        idle_(index(session.workers()), false) {}

  void take(Report report) {
    const ShardId shard = report.shard;
    const WorkerId worker = report.worker;
    s_.accept(std::move(report));
    s_.revoke_shard(shard);
    // Only an answer shows that a worker idles: one that was told to stop may not have heard it.
    idle_[index(worker)] = !s_.worker_busy(worker);
    if (2 * s_.accepted() >= s_.shards() && patience_ == kForever)
      patience_ = from_seconds(after_ * to_seconds(s_.now() - start_));
  }

  void back_up_late_tasks() {
    for (ShardId shard = 0; shard < s_.shards(); ++shard) {
      if (s_.now() < late_at(shard)) continue;
      const WorkerId worker = idle_after(shard % s_.workers());
      if (worker < 0) return;
      s_.dispatch(shard, worker);
      idle_[index(worker)] = false;
      sent_[index(shard)] = s_.now();
      ++backups_[index(shard)];
    }
  }

  // When the next task is late; kForever if nobody idles, or too little is known.
  Time next_late() const {
    Time next = kForever;
    if (idle_after(0) < 0) return next;
    for (ShardId shard = 0; shard < s_.shards(); ++shard) next = std::min(next, late_at(shard));
    return next;
  }

 private:
  static std::size_t index(int id) { return static_cast<std::size_t>(id); }

  // In a fixed order, so that the backups of a shard mostly find its rows loaded. -1: none.
  WorkerId idle_after(WorkerId home) const {
    for (int step = 1; step <= s_.workers(); ++step) {
      const WorkerId worker = (home + step) % s_.workers();
      if (idle_[index(worker)]) return worker;
    }
    return -1;
  }

  Time late_at(ShardId shard) const {
    const Time sent = sent_[index(shard)];
    const bool open = !s_.fresh(shard) && backups_[index(shard)] < most_;
    return open && patience_ < kForever - sent ? sent + patience_ : kForever;
  }

  Session& s_;
  double after_;                       // q
  std::int64_t most_;                  // backups of a task
  Time start_, patience_ = kForever;   // q m
  std::vector<Time> sent_;             // by shard: its newest task
  std::vector<std::int64_t> backups_;  // by shard
  std::vector<bool> idle_;             // by worker: has answered all that it was sent
};

asio::awaitable<void> run_backup(Session& s) {
  const double after = real_value(s.options(), "backup-after");
  const std::int64_t most = integer_value(s.options(), "max-backups");
  while (s.running()) {
    Round round(s, after, most);
    s.dispatch_all();
    while (s.accepted() < s.shards()) {
      const Time deadline = round.next_late();
      std::optional<Report> report = co_await s.next_until(deadline);
      if (report) round.take(std::move(*report));
      round.back_up_late_tasks();
    }
    s.update();
  }
}

}  // namespace

LAGGARD_PROTOCOL({
    .name = "backup",
    .summary = "sync, but what is late is sent again to an idle worker; the first answer counts",
    .source = "Dean and Ghemawat, OSDI 2004 (MapReduce), section 3.6",
    .options = {{.name = "backup-after",
                 .type = OptionType::real,
                 .min = 1,
                 .max = kInfinity,
                 .default_text = "1.5",
                 .help = "q: a task is late after so many medians of its round; inf: never"},
                {.name = "max-backups",
                 .type = OptionType::integer,
                 .min = 0,
                 .max = 1e9,
                 .default_text = "3",
                 .help = "most backups of a task"}},
    .run = run_backup,
})

}  // namespace laggard
