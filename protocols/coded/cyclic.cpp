#include "protocols/coded/coded.hpp"

#include "protocols/coded/gradient_code.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard {
namespace {

constexpr double kWorstError = 1e-7;  // of a decoding [math 4]
constexpr std::uint64_t kCodeSeed = 1;

}  // namespace

asio::awaitable<void> run_cyclic(Session& s) {
  const auto redundancy = static_cast<int>(integer_value(s.options(), "redundancy"));
  const bool preempts = text_value(s.options(), "superseded") == "preempt";
  GradientCode code(s.workers(), redundancy, kCodeSeed);
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
      if (static_cast<int>(reports.size()) < s.workers() - redundancy) continue;
      const Decoding& found = code.decode(arrived);
      if (found.error <= kWorstError) decoding = &found;
      if (!decoding && static_cast<int>(reports.size()) == s.workers())
        s.fail_run(
            fmt::format("the reports of all workers decode with an error of {}", found.error));
    }
    s.note_decoding(decoding->error, decoding->condition);
    const std::vector<double> weights = decoding->weights;
    s.accept_decoded(std::move(reports), weights);
    if (preempts)
      for (ShardId shard = 0; shard < s.shards(); ++shard) s.revoke_shard(shard);
    s.update();
  }
}

}  // namespace laggard
