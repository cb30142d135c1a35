#include "runners/fleets/straggler/straggler.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "core/io/spec.hpp"
#include "core/task/elementary.hpp"
#include "core/task/random.hpp"
#include "runners/fleets/straggler/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

namespace laggard {
namespace {

// Draw i of a worker's task, or of its incarnation; each has at most four.
struct Draws {
  std::uint64_t seed;
  Stream stream;
  WorkerId worker;
  std::int64_t of;

  double operator()(int i) const {
    const auto number = static_cast<std::uint64_t>(of) * 4 + static_cast<std::uint64_t>(i);
    return uniform(seed, stream, number, static_cast<std::uint32_t>(worker));
  }
};

Slowdown slowed(double factor) {
  Slowdown slowdown;
  slowdown.factor = factor;
  return slowdown;
}
double exponential(double u) { return -elementary::log(1 - u); }
double lognormal(double u, double sigma) { return elementary::exp(sigma * normal_quantile(u)); }

struct Parameter {
  std::string_view name;
  double value;  // the default
  double min, max;
};

// A model whose slowdown depends on the task's own draws alone, and whose start, if it says
// anything of starts, on those of the incarnation.
struct Memoryless {
  std::string_view name;
  Stream stream;
  std::vector<Parameter> parameters;
  Slowdown (*slowdown)(const std::vector<double>& parameter, const Draws& draw);
  Start (*start)(const std::vector<double>& parameter, const Draws& draw) = nullptr;
};

// What published times of functions on AWS Lambda show; the fit is that of [math 9].
double body_of_lambda(const Draws& draw) {
  return draw(0) < 0.95 ? lognormal(draw(1), 0.05) : 1.15 + 0.55 * draw(1);
}
Time late_start_of_lambda(double u) { return from_seconds(24.7 + (38.6 - 24.7) * u); }

// parameter: p_tail, sigma_host
Slowdown lambda_slowdown(const std::vector<double>&, const Draws& draw) {
  return slowed(body_of_lambda(draw));
}
Start lambda_start(const std::vector<double>& p, const Draws& draw) {
  Start start;
  if (draw(0) < p[0]) start.tail = late_start_of_lambda(draw(1));
  start.factor = lognormal(draw(2), p[1]);
  return start;
}

// Every task is an invocation. In a bad round, which is one for all workers, some tasks meet no
// warm container, and wait for a new one. parameter: p_round, p_new, overhead
Slowdown invocations_slowdown(const std::vector<double>& p, const Draws& draw) {
  Slowdown slowdown = slowed(body_of_lambda(draw));
  slowdown.pause = from_seconds(p[2]);
  const Draws round{draw.seed, Stream::straggler_round, 0, draw.of};
  if (round(0) < p[0] && draw(2) < p[1]) slowdown.pause += late_start_of_lambda(draw(3));
  return slowdown;
}

const std::vector<Memoryless>& memoryless_models() {
  static const std::vector<Memoryless> models = {
      {"none",
       Stream::straggler,
       {},
       [](const std::vector<double>&, const Draws&) { return Slowdown{}; }},
      {"shifted_exponential",
       Stream::straggler,
       {{"mu", 1, 1e-6, 1e6}},
       [](const std::vector<double>& p, const Draws& draw) {
         return slowed(1 + exponential(draw(0)) / p[0]);
       }},
      {"pareto",
       Stream::straggler,
       {{"alpha", 1.5, 0.1, 1e3}, {"xmin", 1, 1e-3, 1e6}},
       [](const std::vector<double>& p, const Draws& draw) {
         return slowed(p[1] * elementary::pow(draw(0), -1 / p[0]));
       }},
      {"lognormal",
       Stream::straggler,
       {{"sigma", 0.25, 0, 10}},
       [](const std::vector<double>& p, const Draws& draw) {
         return slowed(lognormal(draw(0), p[0]));
       }},
      {"bimodal",
       Stream::straggler,
       {{"p", 0.05, 0, 1}, {"factor", 10, 1e-3, 1e6}},
       [](const std::vector<double>& p, const Draws& draw) {
         return slowed(draw(0) < p[0] ? p[1] : 1);
       }},
      {"lambda",
       Stream::straggler,
       {{"p_tail", 0.018, 0, 1}, {"sigma_host", 0.05, 0, 10}},
       lambda_slowdown,
       lambda_start},
      {"invocations",
       Stream::straggler,
       {{"p_round", 0.096, 0, 1}, {"p_new", 0.02, 0, 1}, {"overhead", 0.025, 0, 1e6}},
       invocations_slowdown},
      // A stream of its own: the crashes are the same with and without another model beside.
      {"crash",
       Stream::crash,
       {{"p", 0.01, 0, 1}},
       [](const std::vector<double>& p, const Draws& draw) {
         Slowdown slowdown;
         if (draw(0) < p[0]) slowdown.crash = draw(1);
         return slowdown;
       }},
  };
  return models;
}

const std::vector<Parameter> kMarkov = {
    {"p_slow", 0.02, 0, 1}, {"p_recover", 0.2, 0, 1}, {"factor", 5, 1e-3, 1e6}};
const std::vector<Parameter> kPersistent = {{"share", 0.1, 0, 1}, {"factor", 8, 1e-3, 1e6}};

class MemorylessModel final : public StragglerModel {
 public:
  MemorylessModel(const Memoryless& model, std::vector<double> parameters, std::uint64_t seed)
      : model_(model), parameters_(std::move(parameters)), seed_(seed) {}
  Slowdown draw(WorkerId worker, std::int64_t task) const override {
    return model_.slowdown(parameters_, Draws{seed_, model_.stream, worker, task});
  }
  Start draw_start(WorkerKey key) const override {
    if (!model_.start) return {};
    return model_.start(parameters_,
                        Draws{seed_, Stream::straggler_start, key.worker, key.incarnation});
  }

 private:
  const Memoryless& model_;
  std::vector<double> parameters_;
  std::uint64_t seed_;
};

class Fixed final : public StragglerModel {
 public:
  explicit Fixed(std::vector<Time> times) : times_(std::move(times)) {}
  Slowdown draw(WorkerId worker, std::int64_t) const override {
    Slowdown slowdown;
    slowdown.exact = times_[static_cast<std::size_t>(worker) % times_.size()];
    return slowdown;
  }

 private:
  std::vector<Time> times_;
};

class Persistent final : public StragglerModel {
 public:
  Persistent(const std::vector<double>& p, std::uint64_t seed, int workers)
      : factor_(p[1]), slow_(static_cast<std::size_t>(workers), false) {
    std::vector<WorkerId> order(slow_.size());
    std::iota(order.begin(), order.end(), 0);
    std::vector<double> rank;
    for (const WorkerId w : order)
      rank.push_back(uniform(seed, Stream::straggler_fleet, 0, static_cast<std::uint32_t>(w)));
    std::stable_sort(order.begin(), order.end(), [&](WorkerId a, WorkerId b) {
      return rank[static_cast<std::size_t>(a)] < rank[static_cast<std::size_t>(b)];
    });
    order.resize(static_cast<std::size_t>(std::lround(p[0] * workers)));
    for (const WorkerId w : order) slow_[static_cast<std::size_t>(w)] = true;
  }
  Slowdown draw(WorkerId worker, std::int64_t) const override {
    return slowed(slow_[static_cast<std::size_t>(worker)] ? factor_ : 1);
  }

 private:
  double factor_;
  std::vector<bool> slow_;
};

class Markov final : public StragglerModel {
 public:
  Markov(const std::vector<double>& p, std::uint64_t seed, int workers)
      : p_slow_(p[0]),
        p_recover_(p[1]),
        factor_(p[2]),
        seed_(seed),
        slow_(static_cast<std::size_t>(workers)) {}
  Slowdown draw(WorkerId worker, std::int64_t task) const override {
    std::vector<bool>& slow = slow_[static_cast<std::size_t>(worker)];
    while (static_cast<std::int64_t>(slow.size()) <= task) {
      const double u =
          Draws{seed_, Stream::straggler, worker, static_cast<std::int64_t>(slow.size())}(0);
      const bool was_slow = !slow.empty() && slow.back();
      slow.push_back(was_slow ? u >= p_recover_ : u < p_slow_);
    }
    return slowed(slow[static_cast<std::size_t>(task)] ? factor_ : 1);
  }

 private:
  double p_slow_, p_recover_, factor_;
  std::uint64_t seed_;
  mutable std::vector<std::vector<bool>>
      slow_;  // by worker: its states so far, which are functions of the draws
};

// Several models at once.
class Together final : public StragglerModel {
 public:
  explicit Together(std::vector<std::unique_ptr<const StragglerModel>> models)
      : models_(std::move(models)) {}
  Slowdown draw(WorkerId worker, std::int64_t task) const override {
    Slowdown all;
    for (const auto& model : models_) {
      const Slowdown one = model->draw(worker, task);
      all.pause += one.pause;
      all.factor *= one.factor;
      if (one.exact) all.exact = one.exact;
      all.stopped |= one.stopped;
      if (one.crash) all.crash = one.crash;
    }
    return all;
  }
  Start draw_start(WorkerKey key) const override {
    Start all;
    for (const auto& model : models_) {
      const Start one = model->draw_start(key);
      all.tail += one.tail;
      all.factor *= one.factor;
      if (one.exact) all.exact = one.exact;
    }
    return all;
  }

 private:
  std::vector<std::unique_ptr<const StragglerModel>> models_;
};

constexpr std::string_view kKnown =
    "none, fixed:T1,T2,..., shifted_exponential, pareto, lognormal, bimodal, markov, persistent, "
    "lambda, invocations, trace:FILE or crash, or several joined by +";

// The values of `parameters`, from "name=value,...".
std::vector<double> read_parameters(std::string_view model, std::string_view text,
                                    const std::vector<Parameter>& parameters) {
  std::vector<double> values;
  std::vector<std::string_view> names;
  for (const Parameter& parameter : parameters) {
    values.push_back(parameter.value);
    names.push_back(parameter.name);
  }
  for (const auto& [name, value] :
       parse_settings(text, fmt::format("--straggler {}", model), names)) {
    const auto i =
        static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    values[i] = parse_real(value, fmt::format("--straggler {}:{}", model, name), parameters[i].min,
                           parameters[i].max);
  }
  return values;
}

std::string write(std::string_view model, const std::vector<Parameter>& parameters,
                  const std::vector<double>& values) {
  std::string text(model);
  for (std::size_t i = 0; i < values.size(); ++i)
    text += fmt::format("{}{}={}", i == 0 ? ':' : ',', parameters[i].name, values[i]);
  return text;
}

std::vector<double> read_times(std::string_view text) {
  std::vector<double> seconds;
  for (const std::string_view item : split_list(text))
    seconds.push_back(parse_real(item, "--straggler fixed", 0, 1e8));
  return seconds;
}

struct Parsed {
  std::string text;  // canonical
  std::function<std::unique_ptr<const StragglerModel>(std::uint64_t seed, int workers)> make;
};

Parsed parse_one(std::string_view spec) {
  const std::size_t colon = spec.find(':');
  const std::string_view name = spec.substr(0, colon);
  const std::string_view rest = colon == spec.npos ? std::string_view() : spec.substr(colon + 1);
  if (name == "fixed") {
    const std::vector<double> seconds = read_times(rest);
    std::vector<Time> times;
    for (const double s : seconds) times.push_back(from_seconds(s));
    return {fmt::format("fixed:{}", fmt::join(seconds, ",")),
            [times](std::uint64_t, int) { return std::make_unique<Fixed>(times); }};
  }
  if (name == "trace") {
    if (rest.empty()) throw Error("--straggler trace: names no file; expected trace:FILE");
    return {fmt::format("trace:{}", rest), [file = std::string(rest)](std::uint64_t, int workers) {
              return make_trace(file, workers);
            }};
  }
  if (name == "markov") {
    const std::vector<double> p = read_parameters(name, rest, kMarkov);
    return {write(name, kMarkov, p), [p](std::uint64_t seed, int workers) {
              return std::make_unique<Markov>(p, seed, workers);
            }};
  }
  if (name == "persistent") {
    const std::vector<double> p = read_parameters(name, rest, kPersistent);
    return {write(name, kPersistent, p), [p](std::uint64_t seed, int workers) {
              return std::make_unique<Persistent>(p, seed, workers);
            }};
  }
  for (const Memoryless& model : memoryless_models()) {
    if (model.name != name) continue;
    const std::vector<double> p = read_parameters(name, rest, model.parameters);
    return {write(name, model.parameters, p), [&model, p](std::uint64_t seed, int) {
              return std::make_unique<MemorylessModel>(model, p, seed);
            }};
  }
  throw Error(fmt::format("--straggler: unknown model '{}'; expected {}", name, kKnown));
}

bool is_model(std::string_view text) {
  constexpr std::array<std::string_view, 4> kOthers = {"fixed", "markov", "persistent", "trace"};
  const std::string_view name = text.substr(0, text.find_first_of(":+"));
  const auto& models = memoryless_models();
  return std::find(kOthers.begin(), kOthers.end(), name) != kOthers.end() ||
         std::any_of(models.begin(), models.end(),
                     [&](const Memoryless& m) { return m.name == name; });
}

// The models joined by +. In the name of a trace's file a + is one of it unless a model follows.
std::vector<std::string_view> split_models(std::string_view spec) {
  std::vector<std::string_view> models;
  while (true) {
    std::size_t plus = spec.find('+');
    if (spec.starts_with("trace:"))
      while (plus != spec.npos && !is_model(spec.substr(plus + 1))) plus = spec.find('+', plus + 1);
    models.push_back(spec.substr(0, plus));
    if (plus == spec.npos) return models;
    spec.remove_prefix(plus + 1);
  }
}

}  // namespace

std::unique_ptr<const StragglerModel> make_straggler(std::string_view spec, std::uint64_t seed,
                                                     int workers) {
  std::vector<std::unique_ptr<const StragglerModel>> models;
  std::uint64_t own_seed = seed;  // of each but crash, so that two models do not share their draws
  for (const std::string_view one : split_models(spec)) {
    const bool crash = one.starts_with("crash");
    models.push_back(parse_one(one).make(crash ? seed : own_seed, workers));
    if (!crash) own_seed += 0x9e3779b97f4a7c15;
  }
  if (models.size() == 1) return std::move(models.front());
  return std::make_unique<Together>(std::move(models));
}

std::string canonical_straggler(std::string_view spec) {
  std::vector<std::string> texts, names;
  for (const std::string_view one : split_models(spec)) {
    texts.push_back(parse_one(one).text);
    names.emplace_back(one.substr(0, one.find(':')));
    if (std::count(names.begin(), names.end(), names.back()) > 1)
      throw Error(fmt::format("--straggler {}: {} is given twice; expected each model once", spec,
                              names.back()));
  }
  const auto all_time = std::find_if(names.begin(), names.end(), [](const std::string& name) {
    return name == "fixed" || name == "trace";
  });
  const auto others =
      names.size() - static_cast<std::size_t>(std::count(names.begin(), names.end(), "crash"));
  if (all_time != names.end() && others > 1)
    throw Error(
        fmt::format("--straggler {}: {} says all of a task's time; expected it alone or with crash",
                    spec, *all_time));
  return fmt::format("{}", fmt::join(texts, "+"));
}

// Added to a clock it must not overflow.
constexpr double kLongestSeconds = 1e9;

Time time_taken(const Slowdown& slowdown, Time computed, Time cpu) {
  Time taken = computed;
  if (slowdown.exact) {
    taken = *slowdown.exact;
  } else {
    const double seconds = to_seconds(cpu) * (slowdown.factor - 1);
    taken += from_seconds(std::clamp(seconds, 0.0, kLongestSeconds));
  }
  if (slowdown.crash) taken = from_seconds(to_seconds(taken) * *slowdown.crash);
  return taken;
}

}  // namespace laggard
