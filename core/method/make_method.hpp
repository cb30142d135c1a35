// Both halves of a method, by its name.
#pragma once

#include "core/method/gradient_methods.hpp"
#include "core/method/worker_half.hpp"
#include "core/schedule/protocol.hpp"

#include <memory>
#include <optional>
#include <string>

namespace laggard {

struct MethodOptions {
  std::string name = "admm";             // admm | linearized_admm | fista | agd
  ConsensusOptions consensus;            // admm; rho and policy for linearized_admm too
  SolverOptions solver;                  // admm
  std::optional<double> step_size;       // all but admm; nothing: auto
  std::optional<double> momentum;        // fista, agd; nothing: auto
  std::int64_t max_age = 1;              // of the contributions to an update; kAnyAge: no bound
  Precision precision = Precision::f64;  // of z and x, wherever the workers are
  int threads = 1;                       // for the L_p that a step size needs
};

// True for the methods that ask workers for gradients, whose contributions add up.
inline bool takes_gradients(const std::string& method) { return method != "admm"; }

// Refuses what does not go together, by the options' names on the command line. Throws Error.
void check_method(const MethodOptions& options, const Regularizer& regularizer);

// The worker's half alone. `problem` is copied; its data is shared.
std::unique_ptr<const WorkerHalf> make_worker_half(const MethodOptions& options,
                                                   const Problem& problem);

struct MethodHalves {
  std::unique_ptr<const WorkerHalf> worker;
  std::unique_ptr<Method> coordinator;
};

// Both. `problem.regularizer` must outlive them. Throws Error as check_method does. Computes every
// L_p where the step size is left to the method.
MethodHalves make_method(const MethodOptions& options, const Problem& problem);

}  // namespace laggard
