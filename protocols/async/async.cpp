// Asynchronous consensus ADMM with bounded delay: the newest z after any A reports.
// Zhang and Kwok, ICML 2014.                                                       [math 4]
#include "core/io/error.hpp"
#include "core/schedule/plugin.hpp"

#include <fmt/format.h>

#include <deque>
#include <limits>

namespace laggard {
namespace {

constexpr std::int64_t kUnbounded = std::numeric_limits<int>::max();

// Shards that are sent the new z some time after the update that took their reports.
class Readers {
 public:
  Readers(Session& session, Time delay) : s_(session), delay_(delay) {}

  void add_taken() {
    for (const ShardId shard : s_.taken()) waiting_.push_back({s_.now() + delay_, shard});
  }
  void serve_due() {
    for (; !none() && next() <= s_.now(); waiting_.pop_front()) s_.dispatch(waiting_.front().shard);
  }
  bool none() const { return waiting_.empty(); }
  Time next() const { return waiting_.front().when; }

 private:
  struct Reader {
    Time when;
    ShardId shard;
  };
  Session& s_;
  Time delay_;
  std::deque<Reader> waiting_;  // the next one first
};

asio::awaitable<Report> next_report(Session& s, Readers& readers) {
  while (!readers.none()) {
    const Time due = readers.next();
    std::optional<Report> report = co_await s.next_until(due);
    if (report) co_return std::move(*report);
    readers.serve_due();
  }
  co_return co_await s.next();
}

asio::awaitable<void> run_async(Session& s) {
  const auto tau = integer_value(s.options(), "tau", kUnbounded);
  const auto min_arrivals = integer_value(s.options(), "min-arrivals");
  const Time tau_seconds =
      from_seconds(optional_real(s.options(), "tau-seconds").value_or(kInfinity));
  s.bound_age(tau, tau_seconds);
  Readers readers(s, from_seconds(optional_real(s.options(), "read-delay").value_or(0)));
  s.dispatch_all();
  while (s.running()) {
    while (s.accepted() < min_arrivals || s.oldest_age() > tau || s.oldest_kept() > tau_seconds)
      s.accept(co_await next_report(s, readers));
    s.update();
    readers.add_taken();  // only they get the new z
    if (s.running()) readers.serve_due();
  }
}

// Each report is an update by itself, and nobody waits for anybody.
void prepare_one_by_one(ProtocolSetup& setup) {
  setup.one_by_one = true;
  const auto refuse = [&](const char* option, const char* expected) {
    const OptionValue& given = setup.values.at(option);
    if (to_text(given) != expected)
      throw Error(
          fmt::format("--{}: {} cannot go with --method {}, of which each report is an "
                      "update by itself; expected {}",
                      option, to_text(given), setup.method, expected));
  };
  refuse("min-arrivals", "1");
  refuse("tau", "none");
  refuse("tau-seconds", "none");
}

void prepare(ProtocolSetup& setup) {
  const bool one_by_one = setup.traits.one_point && setup.traits.one_by_one;
  setup.values.try_emplace("tau", one_by_one ? OptionValue("none") : OptionValue(std::int64_t{2}));
  if (one_by_one) prepare_one_by_one(setup);
  const auto arrivals = integer_value(setup.values, "min-arrivals");
  if (arrivals > setup.shards)
    throw Error(
        fmt::format("--min-arrivals: {} is out of range; expected an integer from 1 to {}, "
                    "the number of shards",
                    arrivals, setup.shards));
  const bool waits_for_all = arrivals == setup.shards;
  setup.max_age = waits_for_all ? 1 : integer_value(setup.values, "tau", kAnyAge);
  if (setup.traits.one_point && !setup.traits.any_age && !setup.traits.one_by_one)
    throw Error(fmt::format(
        "--method {}: cannot go with protocol async, as its updates need contributions to one and "
        "the same z; expected {}",
        setup.method, methods_that([](const MethodTraits& traits) {
          return !traits.one_point || traits.any_age || traits.one_by_one;
        })));
}

}  // namespace

LAGGARD_PROTOCOL({
    .name = "async",
    .summary = "updates after any A reports; no shard's age exceeds tau",
    .source = "Zhang and Kwok, ICML 2014",
    .options = {{.name = "tau",
                 .type = OptionType::integer,
                 .min = 1,
                 .max = 1e9,
                 .default_text = "2; none with local_sgd",
                 .help = "largest age of a shard, in rounds",
                 .word = "none"},
                {.name = "tau-seconds",
                 .type = OptionType::real,
                 .min = 0,
                 .max = 1e9,
                 .default_text = "none",
                 .help = "largest age of a shard without a new report, in the fleet's seconds",
                 .word = "none"},
                {.name = "min-arrivals",
                 .type = OptionType::integer,
                 .min = 1,
                 .max = 1e9,
                 .default_text = "1",
                 .help = "A: new reports that an update waits for"},
                {.name = "read-delay",
                 .type = OptionType::real,
                 .min = 0,
                 .max = 1e9,
                 .default_text = "none",
                 .help = "from an update until those it took reports of read z, in the fleet's "
                         "seconds; with --order swap they have read it before, and it costs time "
                         "alone",
                 .word = "none"}},
    .prepare = prepare,
    .run = run_async,
})

}  // namespace laggard
