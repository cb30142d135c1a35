// Asynchronous consensus ADMM with bounded delay: the newest z after any A reports.
// Zhang and Kwok, ICML 2014.                                                       [math 4]
#include "core/io/error.hpp"
#include "core/schedule/plugin.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

asio::awaitable<void> run_async(Session& s) {
  const auto tau = integer_value(s.options(), "tau");
  const auto min_arrivals = integer_value(s.options(), "min-arrivals");
  const Time tau_seconds =
      from_seconds(optional_real(s.options(), "tau-seconds").value_or(kInfinity));
  s.bound_age(tau, tau_seconds);
  s.dispatch_all();
  while (s.running()) {
    while (s.accepted() < min_arrivals || s.oldest_age() > tau || s.oldest_kept() > tau_seconds)
      s.accept(co_await s.next());
    s.update();
    if (s.running()) s.dispatch_taken();  // only they get the new z
  }
}

void prepare(ProtocolSetup& setup) {
  const auto arrivals = integer_value(setup.values, "min-arrivals");
  if (arrivals > setup.shards)
    throw Error(
        fmt::format("--min-arrivals: {} is out of range; expected an integer from 1 to {}, "
                    "the number of shards",
                    arrivals, setup.shards));
  const bool waits_for_all = arrivals == setup.shards;
  setup.max_age = waits_for_all ? 1 : integer_value(setup.values, "tau");
  if (setup.traits.one_point && !setup.traits.any_age)
    throw Error(fmt::format(
        "--method {}: cannot go with protocol async, as its updates need contributions to one and "
        "the same z; expected {}",
        setup.method, methods_that([](const MethodTraits& traits) {
          return !traits.one_point || traits.any_age;
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
                 .default_text = "2",
                 .help = "largest age of a shard, in rounds"},
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
                 .help = "A: new reports that an update waits for"}},
    .prepare = prepare,
    .run = run_async,
})

}  // namespace laggard
