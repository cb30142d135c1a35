#include "core/io/error.hpp"
#include "core/solver/local_solver.hpp"

#include <fmt/format.h>

namespace laggard {

std::vector<OptionSpec> solver_options() {
  const SolverOptions defaults;
  constexpr double kMost = 1e9, kLargest = 1e300;
  return {
      {.name = "solver",
       .type = OptionType::choice,
       .choices = {"newton_cg", "fista", "direct"},
       .default_text = defaults.name,
       .help = "who solves the subproblems; direct: squared loss, few features"},
      {.name = "newton-steps",
       .type = OptionType::integer,
       .min = 1,
       .max = kMost,
       .default_text = fmt::format("{}", defaults.newton_steps),
       .help = "most Newton steps a task",
       .only_with = "solver",
       .only_values = {"newton_cg"}},
      {.name = "cg-tolerance",
       .type = OptionType::real,
       .max = kLargest,
       .default_text = fmt::format("{}", defaults.cg_tolerance),
       .help = "CG ends at this fraction of the gradient's norm; less for accuracy beyond a gap "
               "of 1e-5 on hard data",
       .min_excluded = true,
       .only_with = "solver",
       .only_values = {"newton_cg"}},
      {.name = "inner-min",
       .type = OptionType::integer,
       .min = 1,
       .max = kMost,
       .default_text = fmt::format("{}", defaults.inner_min),
       .help = "K_w: least inner iterations (fista) or Newton steps",
       .only_with = "solver",
       .only_values = {"newton_cg", "fista"}},
      {.name = "inner-max",
       .type = OptionType::integer,
       .min = 1,
       .max = kMost,
       .default_text = fmt::format("{}", defaults.inner_max),
       .help = "most inner iterations a task",
       .only_with = "solver",
       .only_values = {"fista"}},
      {.name = "eps-g",
       .type = OptionType::real,
       .max = kLargest,
       .default_text = fmt::format("{}", defaults.eps_g),
       .help = "done at this norm of the gradient",
       .only_with = "solver",
       .only_values = {"newton_cg", "fista"}},
      {.name = "eps-f",
       .type = OptionType::real,
       .max = kLargest,
       .default_text = fmt::format("{}", defaults.eps_f),
       .help = "done at this relative decrease",
       .only_with = "solver",
       .only_values = {"fista"}}};
}

SolverOptions solver_options(const OptionValues& values) {
  const auto integer = [&](const char* name) {
    return static_cast<int>(integer_value(values, name));
  };
  SolverOptions out;
  out.name = text_value(values, "solver");
  out.newton_steps = integer("newton-steps");
  out.cg_tolerance = real_value(values, "cg-tolerance");
  out.inner_min = integer("inner-min");
  out.inner_max = integer("inner-max");
  out.eps_g = real_value(values, "eps-g");
  out.eps_f = real_value(values, "eps-f");
  return out;
}

void check_solver_options(const OptionValues& values, const Loss& loss) {
  const SolverOptions options = solver_options(values);
  if (options.name == "fista" && options.inner_min > options.inner_max)
    throw Error(fmt::format("--inner-min: {} is more than --inner-max, {}; expected at most that",
                            options.inner_min, options.inner_max));
  if (options.name == "direct" && !loss.is_quadratic())
    throw Error(
        fmt::format("--solver: direct needs the squared loss, not {}; expected newton_cg or fista",
                    loss.spec()));
}

}  // namespace laggard
