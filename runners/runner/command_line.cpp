#include "runners/runner/command_line.hpp"

#include "core/io/error.hpp"
#include "runners/cli/arguments.hpp"
#include "runners/cli/config_file.hpp"
#include "runners/runner/given.hpp"
#include "runners/runner/help.hpp"
#include "runners/runner/json_result.hpp"
#include "runners/runner/lookup.hpp"
#include "runners/runner/options.hpp"
#include "runners/runner/recorded_run.hpp"
#include "runners/runner/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard {
namespace {

// Of `option`, given last, whatever else is on the line; empty without one.
std::string value_of(const std::vector<std::string>& arguments, const std::string& option) {
  std::string value;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == option && i + 1 < arguments.size()) value = arguments[i + 1];
    if (arguments[i].starts_with(option + '=')) value = arguments[i].substr(option.size() + 1);
  }
  return value;
}

std::string help_for(const std::vector<std::string>& arguments) {
  const std::string topic = cli::help_topic(arguments);
  const std::string protocol = value_of(arguments, "--protocol");
  const std::string method = value_of(arguments, "--method");
  std::string page;
  if (!protocol.empty()) page += protocol_help(find_protocol(protocol, "--protocol"));
  if (!method.empty()) page += method_help(find_method(method, "--method"));
  return topic.empty() && !page.empty() ? page : help_on(topic);
}

std::vector<Setting> settings_of_file(std::vector<Setting>& command_line) {
  std::string file;
  for (const Setting& setting : command_line) {
    if (setting.name == "config") file = setting.value;
  }
  std::erase_if(command_line, [](const Setting& s) { return s.name == "config"; });
  if (file.empty()) return {};
  const std::string text = read_whole(file, "--config");
  const auto run = as_run_json(text);
  if (!run) return parse_config(text, file);
  std::vector<Setting> settings = settings_of_run(*run, file);
  std::erase_if(settings, [&](const Setting& setting) {
    const bool replaced = std::any_of(command_line.begin(), command_line.end(),
                                      [&](const Setting& s) { return s.name == setting.name; });
    if (!lacks_secret(setting.value)) return false;
    if (replaced) return true;
    throw Error(fmt::format("{}: {} holds no secrets; give --{} again on the command line",
                            setting.what, setting.value, setting.name));
  });
  return settings;
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
  CommandLine line;
  if (cli::asks_for(arguments, cli::kHelpFlag)) {
    line.help = help_for(arguments);
    return line;
  }
  std::vector<cli::OptionText> known = cli::texts(options());
  known.push_back({"config", group::kGeneral, "FILE", ""});
  cli::Words all = cli::split(arguments, known);
  cli::limit_words(all, 0, "options are written --name value");
  const std::vector<Setting> file = settings_of_file(all.settings);
  line.config = resolve(file, all.settings);
  // Not in resolve(): the runs of a matrix get their --output later.
  const Setting* on_full_disk = last(all.settings, "on-full-disk");
  const OutputOptions& output = line.config.output;
  if (on_full_disk && output.directory.empty() && output.trace.empty())
    throw Error(fmt::format("{}: only goes with --output or --trace", on_full_disk->what));
  return line;
}

}  // namespace laggard
