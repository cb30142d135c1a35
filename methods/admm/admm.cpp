// Consensus ADMM: how it is described, and what its halves are made from.          [math 2]
#include "core/method/plugin.hpp"
#include "methods/admm/consensus.hpp"
#include "methods/admm/proximal_solve.hpp"

namespace laggard {
namespace {

void prepare(MethodSetup& setup) { check_solver_options(setup.values, *setup.loss); }

std::unique_ptr<const WorkerHalf> worker(const Problem& problem, const OptionValues& values,
                                         Precision precision) {
  return std::make_unique<ProximalSolve>(problem, solver_options(values),
                                         real_value(values, "relaxation"), precision);
}

std::unique_ptr<CoordinatorHalf> coordinator(const CoordinatorSetup& setup) {
  const OptionValues& values = setup.values;
  ConsensusOptions options;
  options.rho = real_value(values, "rho");
  options.relaxation = real_value(values, "relaxation");
  options.policy = parse_penalty_policy(text_value(values, "rho-policy"));
  options.gamma = real_value(values, "gamma");
  options.literal = text_value(values, "reading") == "literal";
  options.precision = setup.precision;
  const Problem& problem = setup.problem;
  return std::make_unique<Consensus>(*problem.regularizer, problem.shards, problem.features(),
                                     options);
}

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> all = penalty_options();
  all.push_back({.name = "relaxation",
                 .type = OptionType::real,
                 .max = 2,
                 .default_text = "1",
                 .help = "over-relaxation",
                 .min_excluded = true,
                 .max_excluded = true});
  all.push_back({.name = "gamma",
                 .type = OptionType::real,
                 .max = 1e300,
                 .default_text = "0",
                 .help = "weight of a proximal term that holds z back"});
  all.push_back({.name = "reading",
                 .type = OptionType::choice,
                 .choices = {"standard", "literal"},
                 .default_text = "standard",
                 .help = "as docs/mathematics.md has it, or the paper's listing taken literally"});
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
    .traits = {.vectors_kept = 2},  // x and omega
    .prepare = prepare,
    .worker = worker,
    .coordinator = coordinator,
})

}  // namespace laggard
