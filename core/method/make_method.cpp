#include "core/method/make_method.hpp"

#include "core/io/error.hpp"
#include "core/method/gradient_half.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

std::unique_ptr<Method> make_gradient_method(const MethodOptions& options, const Problem& problem,
                                             const GradientSum& half) {
  GradientOptions own;
  own.step_size = options.step_size;
  own.momentum = options.momentum;
  if (!own.step_size) own.sum_lipschitz = half.total_lipschitz(options.threads);
  own.max_age = options.max_age;
  own.samples = problem.data->samples();
  own.rho = options.consensus.rho;
  own.policy = options.consensus.policy;
  own.precision = options.precision;
  const Regularizer& h = *problem.regularizer;
  const int shards = problem.shards, features = problem.features();
  if (options.name == "linearized_admm")
    return std::make_unique<LinearizedAdmm>(h, shards, features, own);
  if (options.name == "fista") return std::make_unique<FistaMethod>(h, shards, features, own);
  return std::make_unique<Agd>(h, shards, features, own);
}

}  // namespace

void check_method(const MethodOptions& options, const Regularizer& regularizer) {
  const std::string& name = options.name;
  const bool accelerated = name == "fista" || name == "agd";
  if (name != "admm" && name != "linearized_admm" && !accelerated)
    throw Error(
        fmt::format("--method: {} is not known; expected admm, linearized_admm, fista, agd", name));
  if (options.step_size && name == "admm")
    throw Error(
        "--step-size: admm has no step; expected auto, or --method linearized_admm, fista or agd");
  if (options.momentum && !accelerated)
    throw Error(
        fmt::format("--momentum: {} has none; expected auto, or --method fista or agd", name));
  if (options.consensus.gamma != 0 && name != "admm")
    throw Error(fmt::format("--gamma: {} only goes with --method admm, not {}; expected 0",
                            options.consensus.gamma, name));
  if (name == "linearized_admm" && !options.step_size && options.max_age == kAnyAge)
    throw Error(
        "--tau: none leaves --method linearized_admm without a step that is safe; expected a "
        "bound, or --step-size VALUE");
  if (name == "agd" && !regularizer.smooth_curvature())
    throw Error(
        fmt::format("--method agd: needs a smooth regulariser, not {}; expected none or l2:L",
                    regularizer.spec()));
}

std::unique_ptr<const WorkerHalf> make_worker_half(const MethodOptions& options,
                                                   const Problem& problem) {
  if (takes_gradients(options.name))
    return std::make_unique<GradientSum>(problem, options.precision);
  return std::make_unique<ProximalSolve>(problem, options.solver, options.precision);
}

MethodHalves make_method(const MethodOptions& options, const Problem& problem) {
  check_method(options, *problem.regularizer);
  if (takes_gradients(options.name)) {
    auto half = std::make_unique<GradientSum>(problem, options.precision);
    auto method = make_gradient_method(options, problem, *half);
    return {std::move(half), std::move(method)};
  }
  ConsensusOptions own = options.consensus;
  own.precision = options.precision;
  return {
      make_worker_half(options, problem),
      std::make_unique<Consensus>(*problem.regularizer, problem.shards, problem.features(), own)};
}

}  // namespace laggard
