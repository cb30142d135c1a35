#include "core/method/method.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace laggard {
namespace {

using Registry = std::map<std::string, Method, std::less<>>;

Registry& registry() {
  static Registry all;
  return all;
}

std::unique_ptr<const Problem> with_lambda(const Problem& problem, double factor) {
  Problem own = problem;
  own.regularizer = scaled(*problem.regularizer, factor);
  LAGGARD_ASSERT(own.regularizer, problem.regularizer->spec() + " has no lambda");
  return std::make_unique<const Problem>(std::move(own));
}

}  // namespace

const Registry& methods() { return registry(); }

std::string methods_that(bool (*fits)(const MethodTraits& traits)) {
  std::vector<std::string> names;
  for (const auto& [name, method] : methods())
    if (fits(method.traits)) names.push_back(name);
  if (names.size() < 2) return names.empty() ? "none that there is" : names.front();
  const std::string last = names.back();
  names.pop_back();
  return fmt::format("{} or {}", fmt::join(names, ", "), last);
}

void settle_options(const Method& method, MethodSetup& setup) {
  fill_defaults(method.options, setup.values);
  if (method.prepare) method.prepare(setup);
  for (const OptionSpec& option : method.options)
    LAGGARD_ASSERT(setup.values.contains(option.name),
                   fmt::format("method {} left option {} open", method.name, option.name));
}

RegisterMethod::RegisterMethod(Method method) {
  const std::string name = method.name;
  const bool added = registry().emplace(name, std::move(method)).second;
  LAGGARD_ASSERT(added, "two methods are called " + name);
}

MethodHalves make_halves(const Method& method, const Problem& problem, const OptionValues& values,
                         Precision precision, std::int64_t max_age, int threads,
                         const Models& models) {
  MethodHalves out;
  out.worker = method.worker(problem, values, precision);
  for (std::size_t m = 0; m < static_cast<std::size_t>(models.count); ++m) {
    OptionValues own = values;
    if (!models.steps.empty()) own["step-size"] = models.steps.at(m);
    if (!models.lambdas.empty()) out.problems.push_back(with_lambda(problem, models.lambdas.at(m)));
    const Problem& solved = out.problems.empty() ? problem : *out.problems.back();
    auto half = method.coordinator({solved, own, precision, max_age, *out.worker, threads});
    if (m == 0)
      out.coordinator = std::move(half);
    else
      out.others.push_back(std::move(half));
  }
  LAGGARD_ASSERT(method.objective.empty() == !out.coordinator->objective(),
                 "method " + method.name + " names an objective and has none, or has one unnamed");
  return out;
}

}  // namespace laggard
