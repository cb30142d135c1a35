// Any s stragglers without loss of exactness, by redundancy.                        [math 4]
#include "protocols/coded/coded.hpp"

#include "core/io/error.hpp"
#include "core/schedule/plugin.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard {
namespace {

// The divisor pairs nearest to what was asked: a redundancy that fits W, and a W that fits s.
std::string nearest_fits(int workers, std::int64_t s) {
  std::int64_t redundancy = s, fleet = workers;
  for (std::int64_t distance = 1; distance < workers; ++distance) {
    if (s - distance >= 0 && workers % (s - distance + 1) == 0) {
      redundancy = s - distance;
      break;
    }
    if (workers % (s + distance + 1) == 0) {
      redundancy = s + distance;
      break;
    }
  }
  const std::int64_t below = workers / (s + 1) * (s + 1);
  fleet = below > 0 && workers - below <= below + s + 1 - workers ? below : below + s + 1;
  return fmt::format("--redundancy {} with {} workers, or {} workers with --redundancy {}",
                     redundancy, workers, fleet, s);
}

void prepare_fractional(ProtocolSetup& setup, std::int64_t s) {
  if (setup.workers % (s + 1) != 0)
    throw Error(fmt::format("--redundancy: groups of {} do not divide {} workers; expected {}",
                            s + 1, setup.workers, nearest_fits(setup.workers, s)));
  const int groups = setup.workers / static_cast<int>(s + 1);
  if (setup.shards_given && setup.shards != groups)
    throw Error(
        fmt::format("--shards: {} cannot go with fractional coding; expected {}, which is "
                    "W/(s+1)",
                    setup.shards, groups));
  setup.shards = groups;
}

void prepare_cyclic(ProtocolSetup& setup, std::int64_t s) {
  if (s > setup.workers - 2 && s > 0)
    throw Error(
        fmt::format("--redundancy: {} is out of range; expected an integer from 0 to {} with "
                    "a cyclic code",
                    s, std::max(0, setup.workers - 2)));
  if (!setup.traits.additive)
    throw Error(fmt::format(
        "--code: cyclic carries sums of contributions, and those of --method {} do not add up; "
        "expected --method {}, or --code fractional",
        setup.method, methods_that([](const MethodTraits& traits) { return traits.additive; })));
  if (setup.shards_given && setup.shards != setup.workers)
    throw Error(
        fmt::format("--shards: {} cannot go with a cyclic code; expected {}, as many as "
                    "workers",
                    setup.shards, setup.workers));
  setup.shards = setup.workers;
}

// 1, where that fits.
std::int64_t usual_redundancy(const ProtocolSetup& setup) {
  const bool cyclic = text_value(setup.values, "code") == "cyclic";
  return cyclic ? setup.workers > 2 : setup.workers % 2 == 0;
}

void prepare(ProtocolSetup& setup) {
  setup.values.try_emplace("redundancy", usual_redundancy(setup));
  const auto s = integer_value(setup.values, "redundancy");
  if (s >= setup.workers)
    throw Error(fmt::format("--redundancy: {} is out of range; expected an integer from 0 to {}", s,
                            setup.workers - 1));
  setup.replicates = true;
  if (text_value(setup.values, "code") == "cyclic")
    prepare_cyclic(setup, s);
  else
    prepare_fractional(setup, s);
}

std::vector<ShardId> shards_of(WorkerId worker, const ProtocolSetup& setup) {
  const auto s = static_cast<int>(integer_value(setup.values, "redundancy"));
  if (text_value(setup.values, "code") == "fractional") return {worker / (s + 1)};
  std::vector<ShardId> shards;
  for (int i = 0; i <= s; ++i) shards.push_back((worker + i) % setup.workers);
  return shards;
}

asio::awaitable<void> run_coded(Session& s) {
  // Without redundancy a cyclic code is no code: each worker sends its own shard's contribution.
  const bool coded = integer_value(s.options(), "redundancy") > 0;
  if (coded && text_value(s.options(), "code") == "cyclic") return run_cyclic(s);
  return run_fractional(s);
}

}  // namespace

LAGGARD_PROTOCOL({
    .name = "coded",
    .summary = "tolerates any s stragglers exactly, by redundant work",
    .source = "cyclic: Tandon, Lei, Dimakis and Karampatziakis, ICML 2017; fractional: replicated "
              "subproblems",
    .options = {{.name = "redundancy",
                 .type = OptionType::integer,
                 .min = 0,
                 .max = 1e9,
                 .default_text = "1, 0 where W is odd (cyclic: below 3)",
                 .help = "s: stragglers that a round need not wait for"},
                {.name = "code",
                 .type = OptionType::choice,
                 .choices = {"fractional", "cyclic"},
                 .default_text = "fractional",
                 .help =
                     "groups of s+1 workers share a shard, or a gradient code over all workers"},
                superseded_option()},
    .prepare = prepare,
    .shards_of = shards_of,
    .run = run_coded,
})

}  // namespace laggard
