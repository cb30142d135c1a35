#include "core/io/error.hpp"
#include "core/solver/local_solver.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

constexpr double kLocalAccuracy = 0.3;
constexpr int kNewtonSteps = 3;  // with it

}  // namespace

std::vector<OptionSpec> solver_options() {
  const SolverOptions defaults;
  constexpr double kMost = 1e9, kLargest = 1e300;
  return {{.name = "solver",
           .type = OptionType::choice,
           .choices = {"newton_cg", "fista", "direct"},
           .default_text = defaults.name,
           .help = "who solves the subproblems; direct: squared loss, few features"},
          {.name = "local-accuracy",
           .type = OptionType::real,
           .max = 1,
           .default_text = "0.3; none with --cg-tolerance or --eps-g",
           .help = "done at this fraction of rho norm(x - z), so that it tightens by itself",
           .word = "none",
           .min_excluded = true,
           .only_with = "solver",
           .only_values = {"newton_cg"}},
          {.name = "newton-steps",
           .type = OptionType::integer,
           .min = 1,
           .max = kMost,
           .default_text = "1, with --local-accuracy 3",
           .help = "most Newton steps a task",
           .only_with = "solver",
           .only_values = {"newton_cg"}},
          {.name = "newton-equations",
           .type = OptionType::choice,
           .choices = {"auto", "cg", "cholesky"},
           .default_text = "auto; cg with --cg-tolerance or --eps-g",
           .help = "who solves a Newton step's equations; auto: cholesky where shards are small",
           .only_with = "solver",
           .only_values = {"newton_cg"}},
          {.name = "cg-tolerance",
           .type = OptionType::real,
           .max = kLargest,
           .default_text = "0.1, unless there is a --local-accuracy",
           .help = "CG ends at this fraction of the gradient's norm",
           .word = "none",
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
           .help = "most inner iterations a task, of fista or CG",
           .only_with = "solver",
           .only_values = {"newton_cg", "fista"}},
          {.name = "eps-g",
           .type = OptionType::real,
           .max = kLargest,
           .default_text = "0.01, unless there is a --local-accuracy",
           .help = "done at this norm of the gradient",
           .word = "none",
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
  out.accuracy = optional_real(values, "local-accuracy").value_or(0);
  out.newton_steps = integer("newton-steps");
  const std::string& equations = text_value(values, "newton-equations");
  out.equations = equations == "auto"       ? NewtonEquations::automatic
                  : equations == "cholesky" ? NewtonEquations::cholesky
                                            : NewtonEquations::cg;
  out.cg_tolerance = optional_real(values, "cg-tolerance").value_or(0);
  out.inner_min = integer("inner-min");
  out.inner_max = integer("inner-max");
  out.eps_g = optional_real(values, "eps-g").value_or(0);
  out.eps_f = real_value(values, "eps-f");
  return out;
}

void settle_solver_options(OptionValues& values, const Loss& loss) {
  const std::string& solver = text_value(values, "solver");
  const auto given = [&](const char* name) {
    return values.contains(name) && optional_real(values, name).has_value();
  };
  const bool fixed = given("cg-tolerance") || given("eps-g") || solver != "newton_cg";
  if (given("local-accuracy") && fixed && solver == "newton_cg")
    throw Error(fmt::format("--local-accuracy: does not go with --{}; expected one of the two",
                            given("eps-g") ? "eps-g" : "cg-tolerance"));
  const SolverOptions defaults;
  const auto settle = [&](const char* name, bool has_effect, double value) {
    values.try_emplace(name, has_effect ? OptionValue(value) : OptionValue("none"));
  };
  settle("local-accuracy", !fixed, kLocalAccuracy);
  const bool relative = given("local-accuracy");
  values.try_emplace("newton-equations", relative ? "auto" : "cg");
  const bool cholesky = text_value(values, "newton-equations") == "cholesky";
  if (cholesky && given("cg-tolerance"))
    throw Error("--newton-equations: cholesky does not go with --cg-tolerance; expected cg");
  settle("cg-tolerance", !relative && !cholesky, defaults.cg_tolerance);
  settle("eps-g", !relative, defaults.eps_g);
  values.try_emplace("newton-steps", std::int64_t{relative ? kNewtonSteps : defaults.newton_steps});
  if (solver == "newton_cg" && !relative && !cholesky && !given("cg-tolerance"))
    throw Error("--cg-tolerance: none needs a --local-accuracy; expected a number above 0");
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
