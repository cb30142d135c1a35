#include "core/schedule/code_rounds.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard {

asio::awaitable<void> run_code_rounds(Session& s, Code& code, CodeRounds rounds) {
  s.renew_lost_tasks();
  while (s.running()) {
    for (WorkerId worker = 0; worker < s.workers(); ++worker)
      if (!s.worker_busy(worker)) s.dispatch_coded(worker, code.parts(worker));
    std::vector<Report> reports;  // in the order of the workers
    std::vector<bool> arrived(static_cast<std::size_t>(s.workers()), false);
    const Decoding* decoding = nullptr;
    while (!decoding) {
      Report report = co_await s.next();
      const WorkerId worker = report.worker;
      if (s.late(report)) {
        s.discard(report);
        s.dispatch_coded(worker, code.parts(worker));
        continue;
      }
      const auto after = std::find_if(reports.begin(), reports.end(),
                                      [worker](const Report& r) { return r.worker > worker; });
      reports.insert(after, std::move(report));
      arrived[static_cast<std::size_t>(worker)] = true;
      if (static_cast<int>(reports.size()) < rounds.quorum) continue;
      const Decoding& found = code.decode(arrived);
      if (found.error <= rounds.most_error && found.rms_error <= rounds.most_rms_error)
        decoding = &found;
      if (!decoding && static_cast<int>(reports.size()) == s.workers())
        s.fail_run(
            fmt::format("the reports of all workers decode with an error of {}", found.error));
    }
    s.note_decoding(*decoding);
    const std::vector<double> weights = decoding->weights;
    s.accept_decoded(std::move(reports), weights);
    if (rounds.preempts)
      for (ShardId shard = 0; shard < s.shards(); ++shard) s.revoke_shard(shard);
    s.update();
  }
}

}  // namespace laggard
