#include "runners/runner/lookup.hpp"

#include "core/io/error.hpp"
#include "core/io/nearest.hpp"
#include "runners/plugins/plugin.hpp"
#include "runners/runner/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace laggard {
namespace {

// The program's options: no plugin may have one of that name.
bool is_own(std::string_view name) {
  return name == "config" || name == "help" || name == "version" || find_option(name);
}

// The entry of a registry, or an Error that says what there is.
template <class Registry>
const auto& find_named(const Registry& all, const char* kind, std::string_view name,
                       std::string_view what) {
  const auto found = all.find(name);
  if (found != all.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, entry] : all) names.push_back(known);
  const auto nearest = nearest_name(name, names);
  throw Error(fmt::format("{}: {} is not a known {}; {}expected {}, or the path of a plugin", what,
                          name, kind, nearest ? fmt::format("did you mean {}? ", *nearest) : "",
                          fmt::join(names, ", ")));
}

template <class Registry>
void add_owners(const Registry& all, const char* kind, std::string_view option,
                std::vector<std::string>& owners) {
  for (const auto& [name, entry] : all)
    if (find_option(entry.options, option)) owners.push_back(fmt::format("{} {}", kind, name));
}

}  // namespace

const Protocol& find_protocol(std::string_view name, std::string_view what) {
  if (is_plugin_path(name)) return load_protocol(std::string(name), what, is_own);
  return find_named(protocols(), "protocol", name, what);
}

const Method& find_method(std::string_view name, std::string_view what) {
  if (is_plugin_path(name)) return load_method(std::string(name), what, is_own);
  return find_named(methods(), "method", name, what);
}

std::string owners_of_option(std::string_view name) {
  std::vector<std::string> owners;
  add_owners(protocols(), "protocol", name, owners);
  add_owners(methods(), "method", name, owners);
  return fmt::format("{}", fmt::join(owners, " and "));
}

}  // namespace laggard
