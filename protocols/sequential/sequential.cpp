// Gradient codes that run across rounds: what is lost in a burst of stragglers is made up for
// later. Krishnan, Ebrahimi and Khisti, ICLR 2023. [math 13.3]
#include "protocols/sequential/sequential.hpp"

#include "core/io/error.hpp"
#include "core/io/spec.hpp"
#include "core/schedule/plugin.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

namespace laggard {

SequentialCode sequential_code(const OptionValues& values, int workers) {
  const auto number = [&](const char* name) {
    return static_cast<int>(integer_value(values, name));
  };
  return {.multiplexed = text_value(values, "code") == "multiplexed",
          .workers = workers,
          .burst = number("burst"),
          .window = number("window"),
          .stragglers = number("lam")};
}

namespace {

bool is_stale(const OptionValues& values) { return text_value(values, "stale") == "yes"; }

std::vector<double> list_of(std::string_view text, const char* what) {
  std::vector<double> list;
  if (text == "none") return list;
  const Range range{.max = 1e300, .min_excluded = true};
  for (const std::string_view one : split_list(text)) list.push_back(parse_in(range, one, what));
  return list;
}
std::vector<double> steps_of(std::string_view text) { return list_of(text, "a step"); }
std::vector<double> lambdas_of(std::string_view text) { return list_of(text, "a factor"); }

std::string canonical(const std::vector<double>& list) {
  return list.empty() ? "none" : fmt::format("{}", fmt::join(list, ","));
}
std::string canonical_steps(std::string_view text) { return canonical(steps_of(text)); }
std::string canonical_lambdas(std::string_view text) { return canonical(lambdas_of(text)); }

void check_code(const ProtocolSetup& setup) {
  const auto lam = integer_value(setup.values, "lam");
  if (lam > setup.workers)
    throw Error(
        fmt::format("--lam: {} is out of range; expected an integer from 0 to {}, the "
                    "number of workers",
                    lam, setup.workers));
  const auto burst = integer_value(setup.values, "burst");
  const auto window = integer_value(setup.values, "window");
  if (burst >= window)
    throw Error(
        fmt::format("--burst: {} does not fit --window {}; expected an integer from 1 to {}", burst,
                    window, window - 1));
  const bool multiplexed = text_value(setup.values, "code") == "multiplexed";
  if (!multiplexed && (window - 1) % burst != 0)
    throw Error(
        fmt::format("--burst: {} does not divide --window {} less 1; expected a divisor of "
                    "{}, or --code multiplexed",
                    burst, window, window - 1));
  if (!multiplexed && lam == setup.workers && setup.workers == 1)
    throw Error("--lam: 1 leaves nobody of 1 worker; expected 0, or --code multiplexed");
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  const std::int64_t chunks = burst + (window - 1) * (lam + 1);
  if (chunks > kMost / setup.workers)
    throw Error(
        fmt::format("--window: {} cuts the data into more than {} shards; expected a shorter one",
                    window, kMost));
}

void check_method(const ProtocolSetup& setup) {
  const auto fits = [](const MethodTraits& traits) { return traits.additive && traits.sums_rows; };
  if (!fits(setup.traits))
    throw Error(fmt::format(
        "--method {}: cannot go with protocol sequential, as its contributions are no sums over "
        "rows; expected {}",
        setup.method, methods_that(fits)));
  const auto takes_old = [](const MethodTraits& traits) {
    return traits.additive && traits.sums_rows && !traits.one_point;
  };
  if (is_stale(setup.values) && !takes_old(setup.traits))
    throw Error(
        fmt::format("--stale: yes cannot go with --method {}, whose step is not made for "
                    "old gradients; expected no, or --method {}",
                    setup.method, methods_that(takes_old)));
}

// Job j + M is of the model of job j, and begins once that is decoded.
void settle_models(ProtocolSetup& setup, int delay) {
  setup.models.steps = steps_of(text_value(setup.values, "model-steps"));
  setup.models.lambdas = lambdas_of(text_value(setup.values, "model-lambdas"));
  const bool stale = is_stale(setup.values);
  const auto steps = static_cast<std::int64_t>(setup.models.steps.size());
  const auto lambdas = static_cast<std::int64_t>(setup.models.lambdas.size());
  const std::int64_t least = stale ? 1 : delay + 1;
  setup.values.try_emplace("models", std::max({least, steps, lambdas}));
  const std::int64_t models = integer_value(setup.values, "models");
  if (stale && models != 1)
    throw Error(fmt::format("--models: {} cannot go with --stale yes; expected 1", models));
  if (models < least)
    throw Error(
        fmt::format("--models: {} is out of range; expected at least {}, one more than the "
                    "rounds in which a job decodes, or --stale yes",
                    models, least));
  const auto check_list = [&](const char* option, std::int64_t given) {
    if (given > 0 && given != models)
      throw Error(
          fmt::format("--{}: {} given for {} models; expected one each", option, given, models));
  };
  check_list("model-steps", steps);
  check_list("model-lambdas", lambdas);
  setup.models.count = static_cast<int>(models);
  if (stale) setup.max_age = delay + 1;
}

void prepare(ProtocolSetup& setup) {
  const std::int64_t eighth = (setup.workers + 7) / 8;
  setup.values.try_emplace("lam", setup.workers > 2 ? eighth : 0);
  check_method(setup);
  check_code(setup);
  const SequentialCode code = sequential_code(setup.values, setup.workers);
  fix_shards(setup, code.units(), "the units that the code cuts the data into");
  settle_models(setup, code.delay());
}

std::vector<ShardId> shards_of(WorkerId worker, const ProtocolSetup& setup) {
  const SequentialCode code = sequential_code(setup.values, setup.workers);
  std::vector<ShardId> shards;
  for (int chunk = 0; chunk < code.own_chunks(); ++chunk)
    for (const ShardId unit : code.own_units(worker, chunk)) shards.push_back(unit);
  for (int group = 0; group < code.groups(); ++group)
    for (int i = 0; i <= code.redundancy(); ++i)
      shards.push_back(code.first_of_group(group) + (worker + i) % setup.workers);
  return shards;
}

}  // namespace

LAGGARD_PROTOCOL({
    .name = "sequential",
    .summary = "codes gradients across rounds: a burst of stragglers is made up for later",
    .source = "Krishnan, Ebrahimi and Khisti, ICLR 2023",
    .options =
        {{.name = "code",
          .type = OptionType::choice,
          .choices = {"selective_repeat", "multiplexed"},
          .default_text = "selective_repeat",
          .help = "what was lost is sent again whole, or the next rounds' work has room for it"},
         {.name = "burst",
          .min = 1,
          .max = 1e6,
          .default_text = "1",
          .help = "B: rounds in a row in which a worker may straggle"},
         {.name = "window",
          .min = 2,
          .max = 1e6,
          .default_text = "2",
          .help = "w: rounds in which a worker straggles in one burst alone"},
         {.name = "lam",
          .min = 0,
          .max = 1e9,
          .default_text = "W/8, rounded up; 0 below 3 workers",
          .help = "lambda: distinct stragglers in any w rounds in a row"},
         {.name = "wait",
          .type = OptionType::choice,
          .choices = {"due", "model"},
          .default_text = "due",
          .help = "who is late is waited for until the job due decodes, or unless the stragglers "
                  "conform to B, w and lambda"},
         {.name = "mu",
          .type = OptionType::real,
          .min = 0,
          .max = 1e9,
          .default_text = "1",
          .help = "who takes more than 1 + mu times as long as the fastest is late"},
         {.name = "models",
          .min = 1,
          .max = 1e6,
          .default_text = "T+1, 1 with --stale yes",
          .help = "M: independent models that take turns"},
         {.name = "model-steps",
          .type = OptionType::text,
          .default_text = "none",
          .help = "the step size of each model, as in 0.1,0.2; none: all have the method's",
          .canonical = canonical_steps},
         {.name = "model-lambdas",
          .type = OptionType::text,
          .default_text = "none",
          .help = "what --regularizer is multiplied by in each model, as in 0.1,1,10; none: by 1",
          .canonical = canonical_lambdas},
         {.name = "stale",
          .type = OptionType::choice,
          .choices = {"no", "yes"},
          .default_text = "no",
          .help = "yes: one model, with gradients that are T rounds old"}},
    .prepare = prepare,
    .shards_of = shards_of,
    .run = run_sequential,
})

}  // namespace laggard
