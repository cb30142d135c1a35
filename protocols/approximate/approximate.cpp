// Redundancy that gives up exactness: the first W - s messages of a sparse code are decoded as well
// as they can be.                                                                   [math 13.1]
//
//   repeat until a stop rule holds:
//     send z to every worker
//     take messages (1/d) sum of the worker's d contributions, until W - s are there and e <= E
//     update z with sum_j a_j message_j
#include "core/coding/approximate_code.hpp"
#include "core/io/error.hpp"
#include "core/schedule/code_rounds.hpp"
#include "core/schedule/plugin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace laggard {
namespace {

constexpr double kRounding = 1e-12;  // an e up to here is none

using Graph = std::vector<std::vector<ShardId>>;

const std::vector<std::string> kGraphs = {"fractional", "cyclic", "regular"};
const std::vector<std::string> kDecoders = {"fixed", "optimal", "centred"};

template <class Choice>
Choice choice_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<Choice>(std::ranges::find(names, name) - names.begin());
}

Graph graph_of(const OptionValues& values, int workers) {
  return code_graph(choice_of<CodeGraph>(kGraphs, text_value(values, "graph")), workers,
                    static_cast<int>(integer_value(values, "redundancy")),
                    static_cast<std::uint64_t>(integer_value(values, "graph-seed")));
}

void settle_redundancy(ProtocolSetup& setup) {
  const int workers = setup.workers;
  setup.values.try_emplace("redundancy", std::int64_t{std::min(2, workers)});
  const auto d = integer_value(setup.values, "redundancy");
  if (d > workers)
    throw Error(
        fmt::format("--redundancy: {} is more than the {} shards; expected an integer from 1 to {}",
                    d, workers, workers));
  const bool divides = workers % d == 0;
  setup.values.try_emplace("graph", divides ? "fractional" : "cyclic");
  if (text_value(setup.values, "graph") != "fractional" || divides) return;
  std::int64_t fits = d;
  while (workers % fits != 0) --fits;
  throw Error(
      fmt::format("--redundancy: groups of {} do not divide {} workers; expected {}, or "
                  "--graph cyclic or regular",
                  d, workers, fits));
}

void settle_stragglers(ProtocolSetup& setup) {
  const std::int64_t workers = setup.workers;
  const auto wait = integer_value(setup.values, "wait");  // 0: as --stragglers has it
  const auto given = setup.values.find("stragglers");
  const std::int64_t usual =
      wait > 0 ? workers - wait : std::min(std::max<std::int64_t>(1, workers / 16), workers - 1);
  if (wait > workers)
    throw Error(
        fmt::format("--wait: {} is more than the {} workers; expected an integer from 1 to {}",
                    wait, workers, workers));
  if (wait > 0 && given != setup.values.end() && given->second != OptionValue(usual))
    throw Error("--wait: cannot go with --stragglers; expected one of the two");
  setup.values.try_emplace("stragglers", usual);
  const auto s = integer_value(setup.values, "stragglers");
  if (s >= workers)
    throw Error(fmt::format("--stragglers: {} is out of range; expected an integer from 0 to {}", s,
                            workers - 1));
}

void prepare(ProtocolSetup& setup) {
  need_sums(setup, "--protocol: approximate");
  settle_redundancy(setup);
  settle_stragglers(setup);
  fix_shards(setup, setup.workers, "as many as workers");
  setup.sum_error = real_value(setup.values, "max-error");
  graph_of(setup.values, setup.workers);  // throws where there is none
}

// Asked for worker after worker, so that the last graph is kept.
std::vector<ShardId> shards_of(WorkerId worker, const ProtocolSetup& setup) {
  struct Made {
    OptionValues values;
    Graph graph;
  };
  thread_local Made last;
  if (last.values != setup.values || static_cast<int>(last.graph.size()) != setup.workers)
    last = {setup.values, graph_of(setup.values, setup.workers)};
  return last.graph.at(static_cast<std::size_t>(worker));
}

asio::awaitable<void> run_approximate(Session& s) {
  const CodeDecoder decoder = choice_of<CodeDecoder>(kDecoders, text_value(s.options(), "decoder"));
  ApproximateCode code(graph_of(s.options(), s.workers()), decoder);
  CodeRounds rounds;
  rounds.quorum = s.workers() - static_cast<int>(integer_value(s.options(), "stragglers"));
  rounds.most_rms_error = std::max(kRounding, real_value(s.options(), "max-error"));
  rounds.preempts = text_value(s.options(), "superseded") == "preempt";
  co_await run_code_rounds(s, code, rounds);
}

}  // namespace

LAGGARD_PROTOCOL({
    .name = "approximate",
    .summary =
        "goes on without stragglers, with a gradient that redundancy keeps near the exact one",
    .source = "fractional: Tandon et al., ICML 2017; regular: Raviv et al., ICML 2018, Charles et "
              "al. 2017; optimal: Glasgow and Wootters 2021",
    .options = {{.name = "redundancy",
                 .type = OptionType::integer,
                 .min = 1,
                 .max = 1e9,
                 .default_text = "2, 1 with one worker",
                 .help = "d: shards that a worker holds, and workers that hold a shard"},
                {.name = "stragglers",
                 .type = OptionType::integer,
                 .min = 0,
                 .max = 1e9,
                 .default_text = "max(1, W/16), 0 with one worker; W - r with --wait",
                 .help = "s: workers that a round does not wait for"},
                {.name = "wait",
                 .type = OptionType::integer,
                 .min = 1,
                 .max = 1e9,
                 .default_text = "none",
                 .help = "r: messages that a round waits for, in the place of s = W - r",
                 .word = "none"},
                {.name = "max-error",
                 .type = OptionType::real,
                 .min = 0,
                 .max = kInfinity,
                 .default_text = "inf",
                 .help = "E: a round waits for one more message while its error e is larger"},
                {.name = "graph",
                 .type = OptionType::choice,
                 .choices = kGraphs,
                 .default_text = "fractional; cyclic where d does not divide W",
                 .help = "who holds what: groups of d workers the same, the next d shards, or d "
                         "permutations"},
                {.name = "graph-seed",
                 .type = OptionType::integer,
                 .max = 1e18,
                 .default_text = "1",
                 .help = "drives the permutations, nothing else",
                 .only_with = "graph",
                 .only_values = {"regular"}},
                {.name = "decoder",
                 .type = OptionType::choice,
                 .choices = kDecoders,
                 .default_text = "centred",
                 .help = "messages count alike, or with least error, or so with the mean weight of "
                         "shards kept at 1"},
                superseded_option()},
    .prepare = prepare,
    .shards_of = shards_of,
    .run = run_approximate,
})

}  // namespace laggard
