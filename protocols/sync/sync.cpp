// Synchronous consensus ADMM: wait for every shard, update, send the new z to all.
// Boyd, Parikh, Chu, Peleato and Eckstein 2011, section 7.1                        [math 4]
#include "core/schedule/plugin.hpp"

namespace laggard {
namespace {

asio::awaitable<void> run_sync(Session& s) {
  while (s.running()) {
    s.dispatch_all();
    for (int i = 0; i < s.shards(); ++i) s.accept(co_await s.next());
    s.update();
  }
}

}  // namespace

LAGGARD_PROTOCOL({
    .name = "sync",
    .summary = "waits for every shard, then updates and sends the new z to all",
    .source = "Boyd et al. 2011, section 7.1",
    .run = run_sync,
})

}  // namespace laggard
