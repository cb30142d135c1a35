#include "runners/runner/method_options.hpp"

namespace laggard {
namespace {

SolverOptions solver_options(const RunConfig& config) {
  SolverOptions options;
  options.name = config.solver;
  options.newton_steps = config.newton_steps;
  options.cg_tolerance = config.cg_tolerance;
  options.inner_min = config.inner_min;
  options.inner_max = config.inner_max;
  options.eps_g = config.eps_g;
  options.eps_f = config.eps_f;
  return options;
}

}  // namespace

MethodOptions method_options(const RunConfig& config) {
  const OptionValues& own = config.protocol_options;
  MethodOptions options;
  options.name = config.method;
  options.consensus.rho = config.rho;
  options.consensus.relaxation = config.relaxation;
  options.consensus.policy = parse_penalty_policy(config.rho_policy);
  if (own.contains("gamma")) options.consensus.gamma = real_value(own, "gamma");
  options.consensus.literal = config.literal;
  options.solver = solver_options(config);
  options.precision = config.wire;
  options.step_size = config.step_size;
  options.momentum = config.momentum;
  options.max_age = config.max_age;
  return options;
}

}  // namespace laggard
