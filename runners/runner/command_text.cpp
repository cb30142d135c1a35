#include "runners/runner/command_text.hpp"

#include "core/io/error.hpp"
#include "runners/cli/config_file.hpp"
#include "runners/runner/json_text.hpp"
#include "runners/runner/options.hpp"
#include "runners/runner/resolve.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cctype>
#include <vector>

namespace laggard {
namespace {

namespace json = boost::json;

bool is_output(std::string_view name) {
  const RunOption* option = find_option(name);
  return option && option->group == group::kOutput;
}

json::object resolved(const std::vector<Setting>& settings) {
  return configuration_json(resolve(settings, {}));
}

// Names of options that decide the run whose values differ.
std::vector<std::string> differing(const json::object& a, const json::object& b) {
  std::vector<std::string> names;
  const auto compare = [&](const json::object& here, const json::object& there) {
    for (const auto& [key, value] : here) {
      const std::string name(key);
      const json::value* other = there.if_contains(key);
      if (!is_output(name) && (!other || *other != value) &&
          std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
    }
  };
  compare(a, b);
  compare(b, a);
  return names;
}

std::vector<Setting> named(const std::vector<Setting>& all, const std::vector<std::string>& names) {
  std::vector<Setting> chosen;
  for (const Setting& setting : all)
    if (std::find(names.begin(), names.end(), setting.name) != names.end())
      chosen.push_back(setting);
  return chosen;
}

// Those of `all` from which the others follow.
std::vector<Setting> decisive(const std::vector<Setting>& all) {
  const json::object wanted = resolved(all);
  std::vector<std::string> names = {"protocol", "method"};
  for (std::size_t before = 0; before != names.size();) {
    before = names.size();
    for (const std::string& name : differing(resolved(named(all, names)), wanted))
      if (std::find(names.begin(), names.end(), name) == names.end() && !named(all, {name}).empty())
        names.push_back(name);
  }
  const std::vector<std::string> found = names;
  for (const std::string& name : found) {
    std::vector<std::string> fewer = names;
    std::erase(fewer, name);
    try {
      if (differing(resolved(named(all, fewer)), wanted).empty()) names = fewer;
    } catch (const Error&) {
      // It does not go without.
    }
  }
  return named(all, names);
}

std::string in_shell(const std::string& word) {
  constexpr std::string_view kPlain = "_./:=,+@%-";
  if (!word.empty() && std::all_of(word.begin(), word.end(), [&](unsigned char c) {
        return std::isalnum(c) || kPlain.find(static_cast<char>(c)) != kPlain.npos;
      }))
    return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + '\'';
}

}  // namespace

std::string command_text(const json::object& configuration) {
  std::vector<Setting> settings = parse_config(json_text(configuration), "run.json");
  std::erase_if(settings, [](const Setting& setting) { return is_output(setting.name); });
  try {
    settings = decisive(settings);
  } catch (const Error&) {
    // Told with all of them, it can be read all the same.
  }
  std::string text = "runner";
  for (const Setting& setting : settings) {
    if (setting.kind == Setting::Kind::boolean && setting.value == "false") continue;
    text += " --" + setting.name;
    if (setting.kind != Setting::Kind::boolean) text += ' ' + in_shell(setting.value);
  }
  return text;
}

}  // namespace laggard
