#include "protocols/coded/coded.hpp"

namespace laggard {

asio::awaitable<void> run_fractional(Session& s) {
  const auto group_size = static_cast<int>(integer_value(s.options(), "redundancy")) + 1;
  const bool preempts = text_value(s.options(), "superseded") == "preempt";
  s.renew_lost_tasks();
  while (s.running()) {
    for (WorkerId worker = 0; worker < s.workers(); ++worker)
      if (!s.worker_busy(worker)) s.dispatch(worker / group_size, worker);
    while (s.accepted() < s.shards()) {
      Report report = co_await s.next();
      const ShardId shard = report.shard;
      const WorkerId worker = report.worker;
      if (s.late(report)) {
        s.discard(report);
        if (!s.fresh(shard)) s.dispatch(shard, worker);  // brought up to date by (z, u')
      } else if (s.fresh(shard)) {
        s.discard(report);  // a twin
      } else {
        s.accept(std::move(report));
        if (preempts) s.revoke_shard(shard);
      }
    }
    s.update();
  }
}

}  // namespace laggard
