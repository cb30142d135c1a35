// How much longer a worker takes than it should.                                   [math 9]
#pragma once

#include "core/lifecycle/lifecycle.hpp"
#include "core/task/types.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace laggard {

// What a straggler model does to one task: first the pause, then the computation. A worker that is
// told to stop gives up its computation. The platform does not hear: a pause goes on to its end.
struct Slowdown {
  Time pause{};               // of the platform, before the computation
  double factor = 1;          // on the time of the computation
  std::optional<Time> exact;  // the computation takes just this, whatever its work
  bool stopped = false;  // `exact` is how long it took when it was told to stop: so it is again
  std::optional<double> crash;  // the worker dies at this fraction of the computation
};

// What it does to one incarnation of a worker.
struct Start {
  Time tail{};        // so much longer its start takes
  double factor = 1;  // of its host, on the time of every computation, beside that of the task
  std::optional<Time> exact;  // from its invocation until it is ready, in virtual time
};

// How long a computation keeps a real worker that was ready after `computed` and used `cpu` of its
// thread's time for it: (factor - 1) cpu longer, or exactly what it is to take (less than
// `computed` cannot be had); where the worker crashes, that fraction of it.
Time time_taken(const Slowdown& slowdown, Time computed, Time cpu);

// Pure functions of the seed and of what they are asked about, so that every protocol meets the
// same luck. Called from one thread.
class StragglerModel {
 public:
  virtual ~StragglerModel() = default;
  // task: how many tasks this worker began before, in all its incarnations.
  virtual Slowdown draw(WorkerId worker, std::int64_t task) const = 0;
  virtual Start draw_start(WorkerKey) const { return {}; }
};

// Syntax: none | fixed:T1,T2,... (seconds) | shifted_exponential:mu=1 | pareto:alpha=1.5,xmin=1 |
// lognormal:sigma=0.25 | bimodal:p=0.05,factor=10 | markov:p_slow=0.02,p_recover=0.2,factor=5 |
// persistent:share=0.1,factor=8 | lambda:p_tail=0.018,sigma_host=0.05 |
// invocations:p_round=0.096,p_new=0.02,overhead=0.025 | trace:FILE (see trace.hpp) | crash:p=0.01.
// What is absent keeps the default shown. Several joined by + act together, as in
// lambda+crash:p=0.001.
// Throws Error naming the parameter, its value and what is expected, or what is wrong with FILE.
std::unique_ptr<const StragglerModel> make_straggler(std::string_view spec, std::uint64_t seed,
                                                     int workers);

// The spec with every parameter written out. Looks at no file.
std::string canonical_straggler(std::string_view spec);

}  // namespace laggard
