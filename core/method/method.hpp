// What a method is: both halves, and what the world is told about it. What a contribution is, and
// what an update does with them, is the method's affair; whose contributions count is the
// protocol's.
#pragma once

#include "core/io/option_spec.hpp"
#include "core/method/coordinator_half.hpp"
#include "core/method/traits.hpp"
#include "core/method/worker_half.hpp"
#include "core/problem/problem.hpp"
#include "core/task/precision.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace laggard {

// What a method settles before a run.
struct MethodSetup {
  int workers = 1;           // W
  int shards = 1;            // P
  std::int64_t max_age = 1;  // of the contributions to an update; kAnyAge: no bound
  bool one_by_one = false;   // each update is of one contribution, and nobody waits for another
  bool leaves_out = false;   // updates may go without the contributions of some shards
  const Loss* loss = nullptr;
  const Regularizer* regularizer = nullptr;  // h
  OptionValues values;  // in: those given, and defaults that are plain values; out: all
  double vectors = 1;   // out: how many of length d z is, for what there must be room for
  std::vector<std::string> notices = {};  // out: what the user should know, one line each
};

// What the coordinator's half is made from. All references outlive it.
struct CoordinatorSetup {
  const Problem& problem;
  const OptionValues& values;  // settled
  Precision precision;         // of z and of what workers report
  std::int64_t max_age;
  const WorkerHalf& worker;  // the method's own other half
  int threads;               // for what is worked out before the run
};

// How a method is described to people and to programs.
struct Method {
  std::string name;     // as in --method
  std::string summary;  // one line
  std::string source;   // the paper or the section that defines it
  // What it minimises, in a few words, where that is not phi. The loss, the regulariser and what
  // is told of phi (gaps, certificates, rules of residuals) have no meaning then.
  std::string objective = {};
  std::vector<OptionSpec> options = {};
  MethodTraits traits = {};
  // Fills in defaults that depend on the run and checks what the options say together. Throws Error
  // that begins with the option's name, as in "--step-size: 0 ...". Null: nothing to settle.
  void (*prepare)(MethodSetup& setup) = nullptr;
  // The half that runs where the data is. `problem` is copied; its data is shared.
  std::unique_ptr<const WorkerHalf> (*worker)(const Problem& problem, const OptionValues& values,
                                              Precision precision) = nullptr;
  // The half that lives at the coordinator.
  std::unique_ptr<CoordinatorHalf> (*coordinator)(const CoordinatorSetup& setup) = nullptr;
};

// The methods of this program. Filled before main by each method's own source.
const std::map<std::string, Method, std::less<>>& methods();

// Fills in the defaults and has the method check the whole. Throws Error.
void settle_options(const Method& method, MethodSetup& setup);

// Adds to the registry. Throws InvariantViolation for a second method of that name.
struct RegisterMethod {
  explicit RegisterMethod(Method method);
};

struct MethodHalves {
  std::unique_ptr<const WorkerHalf> worker;
  std::unique_ptr<CoordinatorHalf> coordinator;
  // Where several models take turns: those after the first.
  std::vector<std::unique_ptr<CoordinatorHalf>> others = {};
  // What each model solves, by model, where that is not one problem for all.
  std::vector<std::unique_ptr<const Problem>> problems = {};
};

// values: settled. `problem.regularizer` must outlive both.
MethodHalves make_halves(const Method& method, const Problem& problem, const OptionValues& values,
                         Precision precision, std::int64_t max_age, int threads,
                         const Models& models = {});

}  // namespace laggard
