// sync with shards that several workers hold, and a message for each: what a straggler has done
// counts, and the rest is done by its neighbours. Ozfatura, Ulukus and Gunduz 2019. [math 13.2]
//
//   repeat until a stop rule holds:
//     worker j works off shards j, j + 1, ..., j + s (mod W), and reports each
//     take the first report of a shard, until every shard has one
//     update z
#include "core/io/error.hpp"
#include "core/schedule/plugin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

namespace laggard {
namespace {

void prepare(ProtocolSetup& setup) {
  setup.values.try_emplace("redundancy", std::int64_t{setup.workers > 1});
  const auto s = integer_value(setup.values, "redundancy");
  if (s >= setup.workers)
    throw Error(fmt::format("--redundancy: {} is out of range; expected an integer from 0 to {}", s,
                            setup.workers - 1));
  fix_shards(setup, setup.workers, "as many as workers");
}

// In the order in which they are worked off.
std::vector<ShardId> shards_of(WorkerId worker, const ProtocolSetup& setup) {
  std::vector<ShardId> shards;
  for (int i = 0; i <= static_cast<int>(integer_value(setup.values, "redundancy")); ++i)
    shards.push_back((worker + i) % setup.workers);
  return shards;
}

// A worker's open tasks, in the order in which it works them off.
using Queue = std::deque<TaskId>;

// Of each worker's open tasks all but `kept`: the first one is what it is at.
void give_up(Session& s, std::vector<Queue>& queues, std::size_t kept) {
  for (Queue& queue : queues)
    while (queue.size() > kept) {
      s.revoke(queue.back());
      queue.pop_back();
    }
}

asio::awaitable<void> run_multi_message(Session& s) {
  const auto redundancy = static_cast<int>(integer_value(s.options(), "redundancy"));
  const bool preempts = text_value(s.options(), "superseded") == "preempt";
  std::vector<Queue> queues(static_cast<std::size_t>(s.workers()));
  while (s.running()) {
    for (int i = 0; i <= redundancy; ++i)
      for (WorkerId worker = 0; worker < s.workers(); ++worker) {
        const TaskId task = s.dispatch((worker + i) % s.shards(), worker);
        queues[static_cast<std::size_t>(worker)].push_back(task);
      }
    while (s.accepted() < s.shards()) {
      Report report = co_await s.next();
      std::erase(queues[static_cast<std::size_t>(report.worker)], report.id);
      if (s.late(report) || s.fresh(report.shard))
        s.discard(report);
      else
        s.accept(std::move(report));
    }
    give_up(s, queues, preempts ? 0 : 1);
    s.update();
  }
}

}  // namespace

LAGGARD_PROTOCOL({
    .name = "multi_message",
    .summary = "sync whose workers go on to their neighbours' shards; the first report counts",
    .source = "Ozfatura, Ulukus and Gunduz 2019, and ISIT 2019",
    .options = {{.name = "redundancy",
                 .type = OptionType::integer,
                 .min = 0,
                 .max = 1e9,
                 .default_text = "1, 0 with one worker",
                 .help = "s: neighbours' shards that a worker works off after its own"},
                superseded_option()},
    .prepare = prepare,
    .shards_of = shards_of,
    .run = run_multi_message,
})

}  // namespace laggard
