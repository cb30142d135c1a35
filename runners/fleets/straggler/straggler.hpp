// How much longer a worker takes than it should.                                   [math 9]
#pragma once

#include "core/task/types.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace laggard {

// What a straggler model does to one task.
struct Slowdown {
  double factor = 1;          // on the time of the computation
  double added_seconds = 0;   // beside it
  std::optional<Time> exact;  // the task takes just this, whatever its work
  bool stopped = false;  // `exact` is how long it took when it was told to stop: so it is again
  std::optional<double> crash;  // the worker dies at this fraction of the task
};

// How long a task keeps a real worker that was ready after `computed` and used `cpu` of its
// thread's time for it: (factor - 1) cpu + added longer, or exactly what it is to take (less than
// `computed` cannot be had); where the worker crashes, that fraction of it.
Time time_taken(const Slowdown& slowdown, Time computed, Time cpu);

// A pure function of (seed, worker, number of the worker's task), so that every protocol meets the
// same slowdown. Called from one thread.
class StragglerModel {
 public:
  virtual ~StragglerModel() = default;
  // task: how many tasks this worker began before.
  virtual Slowdown draw(WorkerId worker, std::int64_t task) const = 0;
};

// Syntax: none | fixed:T1,T2,... (seconds) | shifted_exponential:mu=1 | pareto:alpha=1.5,xmin=1 |
// lognormal:sigma=0.25 | bimodal:p=0.05,factor=10 | markov:p_slow=0.02,p_recover=0.2,factor=5 |
// persistent:share=0.1,factor=8 | lambda | trace:FILE (see trace.hpp) | crash:p=0.01. What is
// absent keeps the default shown. Several joined by + act together, as in lambda+crash:p=0.001.
// Throws Error naming the parameter, its value and what is expected, or what is wrong with FILE.
std::unique_ptr<const StragglerModel> make_straggler(std::string_view spec, std::uint64_t seed,
                                                     int workers);

// The spec with every parameter written out. Looks at no file.
std::string canonical_straggler(std::string_view spec);

}  // namespace laggard
