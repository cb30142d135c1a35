// The barrier of sync without the slowest k: an update as soon as P - k reports of the round are
// in. What becomes of the missing shards is the option --missing.                       [math 4]
#include "core/io/error.hpp"
#include "core/schedule/plugin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace laggard {
namespace {

constexpr std::int64_t kUnbounded = std::numeric_limits<int>::max();

struct Options {
  explicit Options(const OptionValues& values)
      : drop(integer_value(values, "drop")),
        tau(integer_value(values, "tau", kUnbounded)),
        tau_seconds(from_seconds(optional_real(values, "tau-seconds").value_or(kInfinity))),
        merges(text_value(values, "missing") == "late_merge"),
        discards(text_value(values, "missing") == "discard"),
        preempts(text_value(values, "superseded") == "preempt") {}

  std::int64_t drop, tau;
  Time tau_seconds;
  bool merges, discards, preempts;
};

asio::awaitable<void> run_partial_barrier(Session& s) {
  const Options options(s.options());
  const std::int64_t quorum = s.shards() - options.drop;
  s.bound_age(options.tau, options.tau_seconds);
  if (!options.merges) s.renew_lost_tasks();
  while (s.running()) {
    s.dispatch_idle();
    std::int64_t on_time = 0;
    while (on_time < quorum || s.oldest_age() > options.tau ||
           s.oldest_kept() > options.tau_seconds) {
      Report report = co_await s.next();
      const ShardId shard = report.shard;
      if (!s.late(report)) {
        s.accept(std::move(report));
        ++on_time;
      } else if (options.merges) {
        s.accept(std::move(report));  // and its worker idles until the update
      } else {
        s.discard(report);
        s.dispatch(shard);  // takes the newest z
      }
    }
    if (options.preempts)
      for (ShardId shard = 0; shard < s.shards(); ++shard) s.revoke_shard(shard);
    s.update(options.discards ? Absent::left_out : Absent::reuse);
  }
}

void refuse_old_contributions(const ProtocolSetup& setup, std::int64_t drop) {
  const MethodTraits& traits = setup.traits;
  if (drop == 0 || !traits.one_point) return;
  const std::string& missing = text_value(setup.values, "missing");
  if ((missing == "discard" && traits.may_leave_out) || (missing == "reuse" && traits.may_reuse))
    return;
  const char* instead = traits.may_reuse       ? "--missing reuse or discard, "
                        : traits.may_leave_out ? "--missing discard, "
                                               : "";
  throw Error(fmt::format(
      "--method {}: cannot go with protocol partial_barrier and --drop {}, as its updates need "
      "contributions to one and the same z; expected {}--drop 0, or {}",
      setup.method, drop, instead,
      methods_that([](const MethodTraits& each) { return !each.one_point; })));
}

void prepare(ProtocolSetup& setup) {
  const int usual = std::min(std::max(1, setup.shards / 16), setup.shards - 1);
  setup.values.try_emplace("drop", std::int64_t{usual});
  const bool preempts = text_value(setup.values, "superseded") == "preempt";
  setup.values.try_emplace("missing", preempts ? "reuse" : "late_merge");
  const bool discards = text_value(setup.values, "missing") == "discard";
  setup.values.try_emplace("tau", discards ? OptionValue("none") : OptionValue(std::int64_t{8}));
  const auto drop = integer_value(setup.values, "drop");
  if (drop >= setup.shards)
    throw Error(
        fmt::format("--drop: {} is out of range; expected an integer from 0 to {}, one less "
                    "than the number of shards",
                    drop, setup.shards - 1));
  const bool all_new = drop == 0 || discards;
  setup.leaves_out = discards && drop > 0;
  setup.max_age = all_new ? 1 : integer_value(setup.values, "tau", kAnyAge);
  if (preempts && text_value(setup.values, "missing") == "late_merge")
    throw Error(
        "--superseded: preempt leaves no late report for --missing late_merge to merge; "
        "expected finish");
  refuse_old_contributions(setup, drop);
}

}  // namespace

LAGGARD_PROTOCOL({
    .name = "partial_barrier",
    .summary = "updates without the slowest k shards of a round",
    .source = "discard: Chen et al. 2016 (backup workers); the rest: partial barrier of Zhang and "
              "Kwok, ICML 2014",
    .options = {{.name = "drop",
                 .type = OptionType::integer,
                 .min = 0,
                 .max = 1e9,
                 .default_text = "max(1, P/16), 0 with one shard",
                 .help = "k: shards that an update does not wait for"},
                {.name = "missing",
                 .type = OptionType::choice,
                 .choices = {"reuse", "late_merge", "discard"},
                 .default_text = "late_merge; reuse with --superseded preempt",
                 .help =
                     "what a missing shard counts as: its last report; the same, with late reports "
                     "taken into the next update; nothing"},
                {.name = "superseded",
                 .type = OptionType::choice,
                 .choices = {"finish", "preempt"},
                 .default_text = "finish",
                 .help = "whether a worker that is too late ends its old task"},
                {.name = "tau",
                 .type = OptionType::integer,
                 .min = 1,
                 .max = 1e9,
                 .default_text = "8; none with discard",
                 .help = "largest age of a shard: the barrier waits for it",
                 .word = "none"},
                {.name = "tau-seconds",
                 .type = OptionType::real,
                 .min = 0,
                 .max = 1e9,
                 .default_text = "none",
                 .help = "the same in the fleet's seconds, of a shard without a new report",
                 .word = "none"}},
    .prepare = prepare,
    .run = run_partial_barrier,
})

}  // namespace laggard
