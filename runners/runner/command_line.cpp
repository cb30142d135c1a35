#include "runners/runner/command_line.hpp"

#include "core/io/error.hpp"
#include "runners/runner/options.hpp"
#include "runners/runner/protocol_options.hpp"
#include "runners/runner/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard {
namespace {

bool is_flag(std::string_view name) {
  if (name == "help" || name == "version") return true;
  const Option* option = find_option(name);
  return option && option->is_flag();
}

// What --help is asked about, whatever else is on the line.
std::string asked_about(const std::vector<std::string>& arguments, const std::string& option,
                        std::string name) {
  const std::string joined = option + "=";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == option && i + 1 < arguments.size()) name = arguments[i + 1];
    if (arguments[i].starts_with(joined)) name = arguments[i].substr(joined.size());
  }
  return name;
}

std::vector<Setting> settings_of_file(std::vector<Setting>& command_line) {
  std::string file;
  for (const Setting& setting : command_line) {
    if (setting.name == "config") file = setting.value;
  }
  std::erase_if(command_line, [](const Setting& s) { return s.name == "config"; });
  if (file.empty()) return {};
  return read_config_file(file);
}

}  // namespace

// A library for command lines would be a second table of options, and takes a value such as -inf
// for an option; the whole of what is needed is this function.
std::vector<Setting> split_arguments(const std::vector<std::string>& arguments) {
  std::vector<Setting> settings;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!argument.starts_with("--") || argument.size() == 2) {
      throw Error(fmt::format(
          "{}: unexpected argument; options are written --name value, see --help", argument));
    }
    const auto equals = argument.find('=');
    const std::string what = argument.substr(0, equals);
    Setting setting{what.substr(2), "true", what, Setting::Kind::text};
    const bool value_follows = i + 1 < arguments.size() && !arguments[i + 1].starts_with("--");
    if (equals != argument.npos) {
      setting.value = argument.substr(equals + 1);
    } else if (!is_flag(setting.name)) {
      setting.value = value_follows ? arguments[++i] : "";
    }
    const bool known = setting.name == "config" || find_option(setting.name);
    if (known && setting.value.empty()) {
      throw Error(fmt::format("{}: no value given; expected one, see --help", what));
    }
    settings.push_back(std::move(setting));
  }
  return settings;
}

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
  CommandLine line;
  const auto given = [&](std::string_view name) {
    return std::find(arguments.begin(), arguments.end(), name) != arguments.end();
  };
  line.help = given("--help") || given("-h");
  line.version = given("--version");
  if (line.help) {
    const RunConfig defaults;
    const std::string protocol = asked_about(arguments, "--protocol", defaults.protocol);
    const std::string method = asked_about(arguments, "--method", defaults.method);
    line.config.protocol = find_protocol(protocol, "--protocol").name;
    line.config.method = find_method(method, "--method").name;
  }
  if (line.help || line.version) return line;

  std::vector<Setting> settings = split_arguments(arguments);
  const std::vector<Setting> file = settings_of_file(settings);
  line.config = resolve(file, settings);
  return line;
}

}  // namespace laggard
