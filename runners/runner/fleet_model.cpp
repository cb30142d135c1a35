#include "runners/runner/fleet_model.hpp"

#include "core/io/error.hpp"
#include "core/io/nearest.hpp"
#include "core/io/option_spec.hpp"
#include "laggard/fleet_models.hpp"
#include "runners/cli/config_file.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/fleets/straggler/straggler.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace laggard {
namespace {

// A constant that every model has.
struct Known {
  std::string name;
  std::vector<std::string> units;
  Range range;
  void (*set)(FleetOptions&, const FleetConstant&);
};

constexpr Range kUpToInfinity{.min_excluded = true, .infinite = "inf"};
const std::string kSpec = "spec", kCount = "1", kWorkersEach = "workers";
constexpr std::string_view kPriceOfLambda = "lambda";

void set_masters(FleetOptions& fleet, const FleetConstant& constant) {
  const double masters =
      constant.unit == kWorkersEach ? std::ceil(fleet.workers / constant.value) : constant.value;
  fleet.sim.network.masters = static_cast<int>(std::max(1.0, masters));
}

const std::vector<Known>& known_constants() {
  using C = const FleetConstant&;
  using F = FleetOptions&;
  static const std::vector<Known> all = {
      {"seconds-per-operation",
       {"s"},
       {},
       [](F f, C c) { f.sim.work.seconds_per_operation = c.value; }},
      {"vector-operations", {kCount}, {}, [](F f, C c) { f.sim.work.vector_operations = c.value; }},
      {"task-overhead", {"s"}, {}, [](F f, C c) { f.sim.work.task_overhead = c.value; }},
      {"full-cpu-memory",
       {"MB"},
       {.max = 1e6, .min_excluded = true},
       [](F f, C c) { f.sim.work.full_cpu_memory_mb = c.value; }},
      {"memory-mb",
       {"MB"},
       {.min = 128, .max = 10240},
       [](F f, C c) { f.function.memory_mb = c.value; }},
      {"latency", {"s"}, {}, [](F f, C c) { f.sim.network.latency = c.value; }},
      {"bandwidth", {"B/s"}, kUpToInfinity, [](F f, C c) { f.sim.network.bandwidth = c.value; }},
      {"coordinator-bandwidth",
       {"B/s"},
       kUpToInfinity,
       [](F f, C c) { f.sim.network.coordinator_bandwidth = c.value; }},
      {"service-seconds", {"s"}, {}, [](F f, C c) { f.sim.network.service_seconds = c.value; }},
      {"service-seconds-per-number",
       {"s"},
       {},
       [](F f, C c) { f.sim.network.service_seconds_per_number = c.value; }},
      {"masters", {kCount, kWorkersEach}, {.min = 1, .max = 100'000}, set_masters},
      {"cold-start", {"s"}, {}, [](F f, C c) { f.sim.cold_start = c.value; }},
      {"invoke-rate", {"1/s"}, kUpToInfinity, [](F f, C c) { f.function.invoke_rate = c.value; }},
      {"function-timeout",
       {"s"},
       {.min = 1e-9, .infinite = "inf"},
       [](F f, C c) { f.function.timeout = from_seconds(c.value); }},
      {"straggler", {kSpec}, {}, [](F f, C c) { f.straggler = c.spec; }},
  };
  return all;
}

const Known* find_known(std::string_view name) {
  for (const Known& known : known_constants())
    if (known.name == name) return &known;
  return nullptr;
}

using Members = std::map<std::string, const Setting*, std::less<>>;

// What the file says, by constant and member.
struct Contents {
  Members top;
  std::map<std::string, Members, std::less<>> constants;
};

Contents sort_out(const std::vector<Setting>& settings) {
  static const std::vector<std::string> kTop = {"fleet_model", "name", "summary", "price"};
  static const std::vector<std::string> kMembers = {"value", "unit", "source", "low", "high"};
  const auto check = [](const Setting& setting, const std::string& name, const char* kind,
                        const std::vector<std::string>& all) {
    if (std::find(all.begin(), all.end(), name) != all.end()) return;
    const auto nearest = nearest_name(name, all);
    throw Error(fmt::format("{}: not a known {}; {}expected {}", setting.what, kind,
                            nearest ? fmt::format("did you mean {}? ", *nearest) : "",
                            fmt::join(all, ", ")));
  };
  std::vector<std::string> names;
  for (const Known& known : known_constants()) names.push_back(known.name);
  Contents contents;
  for (const Setting& setting : settings) {
    const std::size_t dot = setting.name.find('.');
    if (dot == std::string::npos) {
      if (find_known(setting.name))
        throw Error(fmt::format("{}: a lone value; expected an object with value, unit and source",
                                setting.what));
      check(setting, setting.name, "member of a fleet model", kTop);
      contents.top.emplace(setting.name, &setting);
      continue;
    }
    const std::string name = setting.name.substr(0, dot), member = setting.name.substr(dot + 1);
    check(setting, name, "constant", names);
    check(setting, member, "member of a constant", kMembers);
    contents.constants[name].emplace(member, &setting);
  }
  return contents;
}

const Setting& required(const Members& members, std::string_view member, std::string_view what) {
  const auto found = members.find(member);
  if (found == members.end() || found->second->value.empty())
    throw Error(
        fmt::format("{}: no {}; expected value, unit and source of each constant", what, member));
  return *found->second;
}

// The number of a straggler model of one, as in lognormal:sigma=0.2.
std::optional<double> only_number(std::string_view spec) {
  const std::size_t at = spec.find('=');
  if (at == spec.npos) return std::nullopt;
  const char* const end = spec.data() + spec.size();
  double value = 0;
  const auto [rest, error] = std::from_chars(spec.data() + at + 1, end, value);
  return error == std::errc() && rest == end ? std::optional(value) : std::nullopt;
}

FleetConstant read_constant(const Known& known, const Members& members, std::string_view file) {
  FleetConstant constant;
  constant.name = known.name;
  // The line of the first member stands for what is not there.
  std::string_view where = members.begin()->second->what;
  where = where.substr(0, where.rfind('.'));
  const Setting& value = required(members, "value", where);
  const Setting& unit = required(members, "unit", where);
  constant.source = required(members, "source", where).value;
  constant.unit = unit.value;
  constant.where = value.what;
  if (std::find(known.units.begin(), known.units.end(), unit.value) == known.units.end())
    throw Error(fmt::format("{}: {} does not fit; expected {}", unit.what, unit.value,
                            fmt::join(known.units, " or ")));
  if (unit.value == kSpec)
    constant.spec =
        cli::naming(value.what, "straggler", [&] { return canonical_straggler(value.value); });
  else
    constant.value = parse_in(known.range, value.value, value.what);
  if (known.name == "masters" && constant.value != std::floor(constant.value))
    throw Error(fmt::format("{}: {} is no number of {}; expected an integer", value.what,
                            value.value, unit.value == kCount ? "masters" : "workers"));
  if (members.contains("low") != members.contains("high"))
    throw Error(fmt::format("{}: half an interval; expected low and high, or neither", where));
  if (members.contains("low")) {
    const Setting &low = *members.at("low"), &high = *members.at("high");
    constant.interval = {parse_in(known.range, low.value, low.what),
                         parse_in(known.range, high.value, high.what)};
    const auto middle =
        unit.value == kSpec ? only_number(constant.spec) : std::optional(constant.value);
    if (!middle)
      throw Error(
          fmt::format("{}: low and high of {}; expected them for a straggler model of one "
                      "number, as lognormal",
                      low.what, constant.spec));
    if (constant.interval->first > *middle || *middle > constant.interval->second)
      throw Error(fmt::format("{}: {} is not between low and high of {}:{}", value.what,
                              value.value, file, known.name));
  }
  return constant;
}

constexpr JsonShape kShape{.depth = 2, .is = "a fleet model"};

FleetModel from_settings(const std::vector<Setting>& settings, std::string_view file) {
  // The version comes first: of another format nothing else is to be judged.
  const auto version = std::find_if(settings.begin(), settings.end(),
                                    [](const Setting& s) { return s.name == "fleet_model"; });
  if (version == settings.end())
    throw Error(
        fmt::format("{}: no fleet model; expected \"fleet_model\": {}, a name, a summary "
                    "and constants",
                    file, kFleetModelVersion));
  if (version->value != fmt::format("{}", kFleetModelVersion))
    throw Error(fmt::format("{}: {} is another version of the format; expected {}", version->what,
                            version->value, kFleetModelVersion));
  const Contents contents = sort_out(settings);
  FleetModel model;
  for (auto& [member, text] : {std::pair{"name", &model.name}, {"summary", &model.summary}}) {
    const auto found = contents.top.find(member);
    if (found == contents.top.end() || found->second->value.empty())
      throw Error(fmt::format("{}: no {}; expected one", file, member));
    *text = found->second->value;
  }
  if (const auto price = contents.top.find("price"); price != contents.top.end()) {
    model.price = price->second->value;
    if (model.price != kPriceOfLambda)
      throw Error(fmt::format("{}: {} is not known; expected {}, or no price", price->second->what,
                              model.price, kPriceOfLambda));
  }
  for (const Known& known : known_constants()) {
    const auto found = contents.constants.find(known.name);
    if (found == contents.constants.end())
      throw Error(fmt::format("{}: {} is missing; expected its value, unit ({}) and source", file,
                              known.name, fmt::join(known.units, " or ")));
    model.constants.push_back(read_constant(known, found->second, file));
  }
  return model;
}

bool is_file(std::string_view name) {
  return name.find('/') != name.npos || name.ends_with(".json");
}

std::string quoted(const std::string& text) {
  return boost::json::serialize(boost::json::string(text));
}

std::string number_json(double value) {
  return std::isinf(value) ? "\"inf\"" : fmt::format("{}", value);
}

}  // namespace

const FleetConstant& FleetModel::at(std::string_view constant) const {
  return *std::find_if(constants.begin(), constants.end(),
                       [&](const FleetConstant& each) { return each.name == constant; });
}

FleetModel parse_fleet_model(std::string_view text, std::string_view file) {
  FleetModel model = from_settings(parse_config(text, file, kShape), file);
  model.json = text;
  return model;
}

const std::vector<FleetModel>& fleet_models() {
  static const std::vector<FleetModel> all = [] {
    std::vector<FleetModel> models;
    for (const std::string_view text : kFleetModelFiles) {
      FleetModel& model = models.emplace_back(parse_fleet_model(text, "built in"));
      for (FleetConstant& constant : model.constants)
        constant.where = fmt::format("--fleet-model {}: {}", model.name, constant.name);
    }
    return models;
  }();
  return all;
}

FleetModel find_fleet_model(std::string_view name, std::string_view what) {
  if (is_file(name)) {
    const std::string file(name);
    return parse_fleet_model(read_whole(file, what), file);
  }
  std::vector<std::string> names;
  for (const FleetModel& model : fleet_models()) {
    if (model.name == name) return model;
    names.push_back(model.name);
  }
  const auto nearest = nearest_name(name, names);
  throw Error(fmt::format("{}: {} is not a known fleet model; {}expected {}, or a file NAME.json",
                          what, name, nearest ? fmt::format("did you mean {}? ", *nearest) : "",
                          fmt::join(names, ", ")));
}

std::string fleet_model_text(const FleetModel& model) {
  std::string text = fmt::format("{{\n  \"fleet_model\": {},\n  \"name\": {},\n  \"summary\": {}",
                                 kFleetModelVersion, quoted(model.name), quoted(model.summary));
  if (!model.price.empty()) text += fmt::format(",\n  \"price\": {}", quoted(model.price));
  for (const FleetConstant& constant : model.constants) {
    const bool is_spec = constant.unit == kSpec;
    text += fmt::format(",\n\n  \"{}\": {{\n    \"value\": {},\n    \"unit\": {},\n", constant.name,
                        is_spec ? quoted(constant.spec) : number_json(constant.value),
                        quoted(constant.unit));
    if (constant.interval)
      text += fmt::format("    \"low\": {},\n    \"high\": {},\n",
                          number_json(constant.interval->first),
                          number_json(constant.interval->second));
    text += fmt::format("    \"source\": {}\n  }}", quoted(constant.source));
  }
  return text + "\n}\n";
}

std::string value_text(const FleetConstant& constant) {
  // No more digits than the interval bears.
  std::string text =
      constant.interval ? fmt::format("{:.4g}", constant.value) : fmt::format("{}", constant.value);
  if (constant.unit == kSpec)
    text = constant.spec;
  else if (constant.unit == kWorkersEach)
    text = fmt::format("one for {} workers", constant.value);
  else if (constant.unit != kCount)
    text += " " + constant.unit;
  if (constant.interval)
    text += fmt::format(", {:.3g} to {:.3g}", constant.interval->first, constant.interval->second);
  return text;
}

void apply(const FleetModel& model, FleetOptions& fleet) {
  for (const FleetConstant& constant : model.constants) {
    find_known(constant.name)->set(fleet, constant);
    fleet.sim.said_by[constant.name] = constant.where;
  }
  fleet.sim.priced = !model.price.empty();
}

}  // namespace laggard
