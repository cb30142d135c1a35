// A method's options and halves, as a run would have them.
#pragma once

#include "core/method/method.hpp"
#include "core/problem/problem.hpp"

#include <string>
#include <string_view>

namespace laggard::testing {

// Whether it can only take a smooth regulariser.
inline bool needs_smooth(std::string_view method) {
  return method == "gd" || method == "agd" || method == "nesterov" || method == "fedavg" ||
         method == "local_sgd";
}

// All options of the method, with defaults for those that are not given. Throws Error as the method
// does.
// Consensus ADMM of the textbooks: tasks of one operand and no weights.
inline const OptionValues kTextbook = {{"rho-policy", "residual_balancing:mu=10,factor=2"},
                                       {"cg-tolerance", 0.1}};

inline OptionValues settled(const std::string& method, OptionValues given, const Problem& problem,
                            std::int64_t max_age = 1, bool one_by_one = false) {
  MethodSetup setup;
  setup.shards = problem.shards;
  setup.workers = problem.shards;
  setup.max_age = max_age;
  setup.one_by_one = one_by_one;
  setup.loss = problem.loss.get();
  setup.regularizer = problem.regularizer.get();
  setup.values = std::move(given);
  settle_options(methods().at(method), setup);
  return setup.values;
}

// `problem.regularizer` must outlive them.
inline MethodHalves halves_of(const std::string& method, const Problem& problem,
                              const OptionValues& given = {}, Precision precision = Precision::f64,
                              std::int64_t max_age = 1, bool one_by_one = false) {
  return make_halves(methods().at(method), problem,
                     settled(method, given, problem, max_age, one_by_one), precision, max_age, 2);
}

}  // namespace laggard::testing
