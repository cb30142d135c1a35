#include "runners/runner/matrix_rules.hpp"

#include "core/io/error.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/runner/identity.hpp"
#include "runners/runner/lookup.hpp"
#include "runners/runner/options.hpp"
#include "runners/runner/resolve.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace laggard {
namespace {

namespace fs = std::filesystem;

NumberKind kind_of(const OptionSpec& option) {
  switch (option.type) {
    case OptionType::integer:
      return NumberKind::integer;
    case OptionType::real:
      return NumberKind::real;
    default:
      return NumberKind::none;
  }
}

// "a/b" as seen from here. Whatever needs a slash keeps one.
std::string from_folder(const std::string& path, const fs::path& folder) {
  if (path.empty() || fs::path(path).is_absolute()) return path;
  const std::string joined = (folder / path).lexically_normal().string();
  return joined.find('/') == joined.npos ? "./" + joined : joined;
}

bool has_slash(std::string_view text) { return text.find('/') != text.npos; }

// Names of what is bundled have no slash; a file beside the matrix may have none either.
std::string name_or_path(const std::string& value, const fs::path& folder) {
  std::error_code ignored;
  return has_slash(value) || fs::is_regular_file(folder / value, ignored)
             ? from_folder(value, folder)
             : value;
}

// "none+trace:FILE".
std::string straggler_from(const std::string& value, const fs::path& folder) {
  constexpr std::string_view kTrace = "trace:";
  std::string made;
  for (std::size_t at = 0; at <= value.size();) {
    const std::size_t end = std::min(value.find('+', at), value.size());
    const std::string part = value.substr(at, end - at);
    made += made.empty() && at == 0 ? "" : "+";
    made += part.starts_with(kTrace)
                ? std::string(kTrace) + from_folder(part.substr(kTrace.size()), folder)
                : part;
    at = end + 1;
  }
  return made;
}

std::vector<Setting> copy(std::span<const Setting> settings) {
  return {settings.begin(), settings.end()};
}

std::string text_of(const boost::json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_double()) return fmt::format("{}", value.get_double());
  return boost::json::serialize(value);
}

}  // namespace

std::vector<std::string> OptionsOfRuns::names(std::span<const Setting> owners) const {
  for (const Setting& owner : owners) {
    if (owner.name == "protocol") find_protocol(owner.value, owner.what);
    if (owner.name == "method") find_method(owner.value, owner.what);
  }
  std::vector<std::string> all;
  for (const RunOption& option : options()) all.push_back(option.name);
  for (const auto& [name, protocol] : protocols())
    for (const OptionSpec& option : protocol.options) all.push_back(option.name);
  for (const auto& [name, method] : methods())
    for (const OptionSpec& option : method.options) all.push_back(option.name);
  return all;
}

NumberKind OptionsOfRuns::number_kind(std::string_view option, std::string_view protocol,
                                      std::string_view method) const {
  if (const RunOption* found = find_option(option)) return found->number;
  const RunConfig usual;
  const Protocol& of = find_protocol(protocol.empty() ? usual.protocol.name : protocol, "protocol");
  if (option.starts_with("protocol.") || option.starts_with("method."))
    option.remove_prefix(option.find('.') + 1);
  if (const OptionSpec* found = find_option(of.options, option)) return kind_of(*found);
  const std::string& own = of.method.empty() ? usual.method.name : of.method;
  const Method& by = find_method(method.empty() ? own : method, "method");
  if (const OptionSpec* found = find_option(by.options, option)) return kind_of(*found);
  return NumberKind::none;
}

std::string OptionsOfRuns::located(const Setting& setting, const fs::path& folder) const {
  const std::string& value = setting.value;
  if (setting.name == "straggler") return straggler_from(value, folder);
  constexpr std::string_view kFile = "file:";
  if (!find_option(setting.name) && value.starts_with(kFile))
    return std::string(kFile) + from_folder(value.substr(kFile.size()), folder);
  constexpr std::array kNamesOrPaths = {"data", "protocol", "method", "fleet-model"};
  if (std::ranges::find(kNamesOrPaths, setting.name) != kNamesOrPaths.end())
    return name_or_path(value, folder);
  constexpr std::array kPaths = {"worker", "emulator", "endpoint-log", "seats"};
  if (std::ranges::find(kPaths, setting.name) != kPaths.end()) return from_folder(value, folder);
  const bool is_file = value != "auto" && value != "coordinator" && value.find("://") == value.npos;
  return setting.name == "shard-source" && is_file ? from_folder(value, folder) : value;
}

void OptionsOfRuns::refuse_unfit(const Setting& setting) const {
  const RunOption* option = find_option(setting.name);
  const bool is_general =
      setting.name == "config" || setting.name == "help" || setting.name == "version";
  const bool is_output =
      option && option->group == group::kOutput && setting.name != "on-full-disk";
  if (is_general || is_output)
    throw Error(fmt::format("{}: not allowed in a matrix; expected options that decide its runs",
                            setting.what));
}

ResolvedRun OptionsOfRuns::resolve(std::span<const Setting> settings) const {
  const RunConfig config = laggard::resolve({}, copy(settings));
  auto checksum = checksums_.find(config.problem.data);
  if (checksum == checksums_.end()) {
    const auto read = [&] {
      return cli::naming("--data", "data", [&] { return data_sha256(config); });
    };
    checksum = checksums_.emplace(config.problem.data, read()).first;
  }
  ResolvedRun run;
  run.id = cell_id(config, checksum->second);
  run.real_time = config.fleet.kind != FleetKind::sim;
  run.is_billed = config.fleet.kind == FleetKind::lambda;
  return run;
}

std::optional<std::string> OptionsOfRuns::value_in_force(std::string_view option,
                                                         std::span<const Setting> settings) const {
  const RunConfig config = laggard::resolve({}, copy(settings));
  if (option == "shards") return std::to_string(config.setup.shards);
  const boost::json::object all = configuration_json(config);
  const boost::json::value* found = all.if_contains(option);
  if (!found) return std::nullopt;
  return text_of(*found);
}

}  // namespace laggard
