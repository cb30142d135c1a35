// Consensus ADMM: how it is described, and what its halves are made from.          [math 2]
#include "core/io/error.hpp"
#include "core/method/plugin.hpp"
#include "core/problem/kernel.hpp"
#include "core/problem/vector_ops.hpp"
#include "methods/admm/consensus.hpp"
#include "methods/admm/proximal_solve.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

constexpr double kRho = 0.3;  // of the curvature: where rho starts                 [math 2.7]
constexpr double kRelaxation = 1.5;
constexpr std::int64_t kMemory = 5;

// LambdaML's code has none of what these are, and moves its duals after a barrier.
void refuse_beside_lambdaml(const MethodSetup& setup) {
  const auto refuse = [&](const char* option, const std::string& expected) {
    const std::string value = to_text(setup.values.at(option));
    if (value != expected)
      throw Error(fmt::format("--{}: {} does not go with --reading lambdaml; expected {}", option,
                              value, expected));
  };
  refuse("rho-policy", "fixed");
  refuse("scaling", "none");
  refuse("relaxation", "1");
  refuse("anderson", "0");
  refuse("gamma", "0");
  if (setup.max_age > 1)
    throw Error(
        "--reading: lambdaml needs contributions to one and the same z; expected standard, or "
        "--protocol sync, backup or coded");
}

// With a policy of the textbooks the method is theirs: nothing else is on that is not asked for.
void prepare(MethodSetup& setup) {
  OptionValues& values = setup.values;
  settle_solver_options(values, *setup.loss);
  const bool literal = text_value(values, "reading") == "literal";
  const bool lambdaml = text_value(values, "reading") == "lambdaml";
  if (lambdaml) values.try_emplace("rho-policy", "fixed");
  values.try_emplace("rho-policy", (literal ? PenaltyPolicy{} : kRelativeBalancing).text());
  const bool relative = parse_penalty_policy(text_value(values, "rho-policy")).relative;
  if (literal && relative)
    throw Error(fmt::format(
        "--rho-policy: {} does not go with --reading literal; expected fixed or residual_balancing",
        text_value(values, "rho-policy")));
  const bool takes_weights = text_value(values, "solver") == "newton_cg";
  const bool given = values.contains("rho") && optional_real(values, "rho");
  values.try_emplace("scaling", relative && takes_weights && !given ? "curvature" : "none");
  if (!takes_weights && text_value(values, "scaling") == "curvature")
    throw Error(fmt::format(
        "--scaling: curvature does not go with --solver {}; expected none, or --solver newton_cg",
        text_value(values, "solver")));
  values.try_emplace("rho", relative || text_value(values, "scaling") == "curvature"
                                ? OptionValue("auto")
                                : OptionValue(1.0));
  values.try_emplace("relaxation", relative ? kRelaxation : 1.0);
  const bool held_back = real_value(values, "gamma") > 0;  // then a round is no map of omega alone
  values.try_emplace("anderson", relative && !held_back ? kMemory : std::int64_t{0});
  if (!lambdaml) return;
  refuse_beside_lambdaml(setup);
  if (setup.shards > 1)
    setup.notices.push_back(
        "admm with --reading lambdaml moves the duals of all shards alike: it ends at the optimum "
        "only where shards are alike, or near it where rho is large");
}

std::unique_ptr<const WorkerHalf> worker(const Problem& problem, const OptionValues& values,
                                         Precision precision) {
  return std::make_unique<ProximalSolve>(problem, solver_options(values),
                                         real_value(values, "relaxation"), precision,
                                         text_value(values, "reading") != "lambdaml");
}

// What a shard's loss bends along each feature, at most and on average over the features: the
// weights are the mean squares of a feature's entries where it occurs, so that a feature in other
// units has another weight, but not one that is rarer; their level is that of the diagonal of
// sup loss'' A^T A / P. A feature that does not occur has the mean of the others.  [math 2.7]
Vector curvature(const Problem& problem) {
  Vector square = Vector::Zero(problem.features()), count = square;
  const Rows rows{problem.data.get(), 0, problem.data->samples()};
  const std::vector<double> ones(static_cast<std::size_t>(rows.count()), 1.0);
  kernel::add_hessian_diagonal(rows, ones, view(square));
  kernel::count_occurrences(rows, view(count));
  const auto occurs = square.array() > 0;
  const auto features = static_cast<double>(occurs.count());
  if (features == 0) return Vector::Ones(problem.features());
  const double level =
      problem.loss->curvature_bound() * sum(view(count)) / features / problem.shards;
  const Vector weight = level * occurs.select(square.array() / count.array(), 0);
  return occurs.select(weight, sum(view(weight)) / features);
}

double mean(const Vector& v) { return sum(view(v)) / static_cast<double>(v.size()); }

std::unique_ptr<CoordinatorHalf> coordinator(const CoordinatorSetup& setup) {
  const OptionValues& values = setup.values;
  const Problem& problem = setup.problem;
  ConsensusOptions options;
  options.relaxation = real_value(values, "relaxation");
  options.policy = parse_penalty_policy(text_value(values, "rho-policy"));
  options.memory = static_cast<int>(integer_value(values, "anderson"));
  options.gamma = real_value(values, "gamma");
  options.literal = text_value(values, "reading") == "literal";
  options.common_dual = text_value(values, "reading") == "lambdaml";
  options.precision = setup.precision;
  const auto rho = optional_real(values, "rho");
  if (text_value(values, "scaling") == "curvature") {
    Vector weight = curvature(problem);
    problem.regularizer->tie(view(weight));
    options.weight = std::make_shared<Vector>(std::move(weight));
    options.rho = rho.value_or(kRho);
  } else {
    options.rho = rho ? *rho : kRho * mean(curvature(problem));
  }
  return std::make_unique<Consensus>(*problem.regularizer, problem.shards, problem.features(),
                                     options);
}

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> all = {
      {.name = "rho",
       .type = OptionType::real,
       .min = kLeastRho,
       .max = 1 / kLeastRho,
       .default_text = "auto; 1 with --rho-policy fixed or residual_balancing",
       .help = "penalty, at first; auto: 0.3 times the data's curvature",
       .word = "auto"},
      {.name = "rho-policy",
       .type = OptionType::text,
       .default_text = kRelativeBalancing.text() +
                       "; residual_balancing with --reading literal, fixed with lambdaml",
       .help = "relative_balancing:mu=MU,factor=F, residual_balancing:mu=MU,factor=F or fixed",
       .canonical = [](std::string_view text) { return parse_penalty_policy(text).text(); }},
      {.name = "scaling",
       .type = OptionType::choice,
       .choices = {"curvature", "none"},
       .default_text =
           "curvature; none with a --rho, --rho-policy fixed or residual_balancing, or another "
           "--solver",
       .help = "curvature: the penalty weighs each feature by the loss's curvature along it, and "
               "rho is relative to that"},
      {.name = "relaxation",
       .type = OptionType::real,
       .max = 2,
       .default_text = "1.5; 1 with --rho-policy fixed or residual_balancing",
       .help = "over-relaxation",
       .min_excluded = true,
       .max_excluded = true},
      {.name = "anderson",
       .type = OptionType::integer,
       .max = 20,
       .default_text = "5; 0 with a --gamma, or --rho-policy fixed or residual_balancing",
       .help = "earlier points that Anderson acceleration remembers, 0: none"},
      {.name = "gamma",
       .type = OptionType::real,
       .max = 1e300,
       .default_text = "0",
       .help = "weight of a proximal term that holds z back"},
      {.name = "reading",
       .type = OptionType::choice,
       .choices = {"standard", "literal", "lambdaml"},
       .default_text = "standard",
       .help =
           "as docs/mathematics.md has it; the paper's listing taken literally; LambdaML's code, "
           "which moves all duals alike"}};
  for (OptionSpec& option : solver_options()) all.push_back(std::move(option));
  return all;
}

}  // namespace

LAGGARD_METHOD({
    .name = "admm",
    .summary = "consensus ADMM: workers solve subproblems",
    .source =
        "docs/mathematics.md 2; Boyd et al. 2011, section 7; gamma: Chang et al., IEEE TSP 2016",
    .options = options(),
    .traits = {.vectors_kept = 19},  // x, and by place of the ring, 5 + 1 + 3, omega and step
    .prepare = prepare,
    .worker = worker,
    .coordinator = coordinator,
})

}  // namespace laggard
