// A gradient code for a part of the work alone: stragglers that are slow, not dead, do their own
// part, and are spared the coded one. Tandon, Lei, Dimakis and Karampatziakis, ICML 2017, partial
// stragglers.                                                                       [math 13.2]
//
//   repeat until a stop rule holds:
//     worker j sends the sum of its own u contributions, then its coded sum
//     take all first messages, and second ones until W - s are there and decode
//     update z
#include "core/coding/gradient_code.hpp"
#include "core/io/error.hpp"
#include "core/schedule/plugin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace laggard {
namespace {

// Which shards are whose: W u of the workers' own, then W coded ones.
class Layout {
 public:
  Layout(int workers, const OptionValues& values)
      : workers_(workers),
        own_(static_cast<int>(integer_value(values, "uncoded"))),
        redundancy_(static_cast<int>(integer_value(values, "redundancy"))) {}

  int own() const { return own_; }                // u
  int redundancy() const { return redundancy_; }  // s
  int first_coded() const { return workers_ * own_; }
  int shards() const { return workers_ * (own_ + 1); }

  std::vector<Part> own_parts(WorkerId worker) const {
    std::vector<Part> parts;
    for (int i = 0; i < own_; ++i) parts.push_back({worker * own_ + i, 1});
    return parts;
  }
  std::vector<Part> coded_parts(const GradientCode& code, WorkerId worker) const {
    std::vector<Part> parts = code.parts(worker);
    for (Part& part : parts) part.shard += first_coded();
    return parts;
  }

  // What the code came to, as a share of all messages.
  Decoding of_all(const Decoding& coded) const {
    const double share = 1.0 / (own_ + 1);
    Decoding all = coded;
    all.weights.assign(static_cast<std::size_t>(workers_), 1.0);  // the first messages
    all.weights.insert(all.weights.end(), coded.weights.begin(), coded.weights.end());
    all.rms_error = coded.rms_error * std::sqrt(share);
    all.mean_weight = 1 + (coded.mean_weight - 1) * share;
    all.condition = std::max(1.0, coded.condition);
    return all;
  }

 private:
  int workers_, own_, redundancy_;
};

void prepare(ProtocolSetup& setup) {
  need_sums(setup, "--protocol: partial_coded");
  setup.values.try_emplace("redundancy", std::int64_t{setup.workers > 2});
  const auto s = integer_value(setup.values, "redundancy");
  if (s > setup.workers - 2 && s > 0)
    throw Error(fmt::format("--redundancy: {} is out of range; expected an integer from 0 to {}", s,
                            std::max(0, setup.workers - 2)));
  const auto u = integer_value(setup.values, "uncoded");
  fix_shards(setup, Layout(setup.workers, setup.values).shards(),
             fmt::format("W (u + 1) with --uncoded {}", u));
}

std::vector<ShardId> shards_of(WorkerId worker, const ProtocolSetup& setup) {
  const Layout layout(setup.workers, setup.values);
  std::vector<ShardId> shards;
  for (const Part& part : layout.own_parts(worker)) shards.push_back(part.shard);
  for (int i = 0; i <= layout.redundancy(); ++i)
    shards.push_back(layout.first_coded() + (worker + i) % setup.workers);
  return shards;
}

// The messages of a round.
class Messages {
 public:
  explicit Messages(int workers)
      : own_(static_cast<std::size_t>(workers)),
        coded_(own_.size()),
        arrived_(own_.size(), false) {}

  void take(Report report, bool is_coded) {
    const auto worker = static_cast<std::size_t>(report.worker);
    if (is_coded) arrived_[worker] = true;
    ++(is_coded ? coded_count_ : own_count_);
    (is_coded ? coded_ : own_)[worker] = std::move(report);
  }
  bool all_own() const { return own_count_ == static_cast<int>(own_.size()); }
  int coded() const { return coded_count_; }
  const std::vector<bool>& arrived() const { return arrived_; }  // coded ones

  // Own ones, then coded ones, each in the order of the workers.
  std::vector<Report> release() {
    std::vector<Report> all;
    for (auto* const kind : {&own_, &coded_})
      for (std::optional<Report>& report : *kind)
        if (report) all.push_back(std::move(*report));
    return all;
  }

 private:
  std::vector<std::optional<Report>> own_, coded_;
  std::vector<bool> arrived_;
  int own_count_ = 0, coded_count_ = 0;
};

asio::awaitable<void> run_partial_coded(Session& s) {
  const Layout layout(s.workers(), s.options());
  const bool preempts = text_value(s.options(), "superseded") == "preempt";
  GradientCode code(s.workers(), layout.redundancy(), kCodeSeed);
  while (s.running()) {
    for (WorkerId worker = 0; worker < s.workers(); ++worker)
      s.dispatch_coded(worker, layout.own_parts(worker));
    for (WorkerId worker = 0; worker < s.workers(); ++worker)
      s.dispatch_coded(worker, layout.coded_parts(code, worker));
    Messages messages(s.workers());
    const Decoding* decoding = nullptr;
    while (!decoding) {
      Report report = co_await s.next();
      if (s.late(report)) {
        s.discard(report);
        continue;
      }
      const bool is_coded = report.shard >= layout.first_coded();
      messages.take(std::move(report), is_coded);
      if (!messages.all_own() || messages.coded() < s.workers() - layout.redundancy()) continue;
      const Decoding& found = code.decode(messages.arrived());
      if (found.error <= kMostDecodingError) decoding = &found;
      if (!decoding && messages.coded() == s.workers())
        s.fail_run(
            fmt::format("the messages of all workers decode with an error of {}", found.error));
    }
    const Decoding all = layout.of_all(*decoding);
    s.note_decoding(all);
    s.accept_decoded(messages.release(), all.weights);
    if (preempts)
      for (ShardId shard = 0; shard < s.shards(); ++shard) s.revoke_shard(shard);
    s.update();
  }
}

}  // namespace

LAGGARD_PROTOCOL({
    .name = "partial_coded",
    .summary = "codes a part of the work: slow workers are spared it, and do their own alone",
    .source = "Tandon, Lei, Dimakis and Karampatziakis, ICML 2017, partial stragglers",
    .options = {{.name = "uncoded",
                 .type = OptionType::integer,
                 .min = 1,
                 .max = 1000,
                 .default_text = "1",
                 .help = "u: shards of its own that every worker must report on"},
                {.name = "redundancy",
                 .type = OptionType::integer,
                 .min = 0,
                 .max = 1e9,
                 .default_text = "1, 0 below three workers",
                 .help = "s: stragglers whose coded part a round need not wait for"},
                superseded_option()},
    .prepare = prepare,
    .shards_of = shards_of,
    .run = run_partial_coded,
})

}  // namespace laggard
