#include "runners/runner/owners.hpp"

#include "core/io/error.hpp"
#include "runners/runner/config.hpp"
#include "runners/runner/given.hpp"
#include "runners/runner/lookup.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

// The protocol that a method goes with alone; null: it goes with all that have no method of their
// own.
const Protocol* only_protocol(const Method& method) {
  for (const auto& [name, protocol] : protocols())
    if (protocol.method == method.name) return &protocol;
  return nullptr;
}

// An implied one has no name but the option's.
Setting chosen(const std::vector<Setting>& file, const std::vector<Setting>& command_line,
               const char* kind, const std::string& usual) {
  const Setting* setting = last(command_line, kind);
  if (!setting) setting = last(file, kind);
  return setting ? *setting : Setting{kind, usual, fmt::format("--{}", kind)};
}

}  // namespace

Owners find_owners(const std::vector<Setting>& file, const std::vector<Setting>& command_line) {
  const RunConfig defaults;
  const Setting of_protocol = chosen(file, command_line, "protocol", defaults.protocol.name);
  const Protocol& protocol = find_protocol(of_protocol.value, of_protocol.what);
  const std::string& usual = protocol.method.empty() ? defaults.method.name : protocol.method;
  const Setting of_method = chosen(file, command_line, "method", usual);
  const Method& method = find_method(of_method.value, of_method.what);
  const Protocol* only = only_protocol(method);
  const bool fits = protocol.method.empty() ? !only : protocol.method == method.name;
  if (fits) return {protocol, method};
  if (!last(command_line, "method") && last(command_line, "protocol"))
    return {protocol, find_method(usual, of_method.what)};
  throw Error(fmt::format("{}: {} cannot go with protocol {}; expected {}", of_method.what,
                          method.name, protocol.name,
                          only ? fmt::format("--protocol {}", only->name)
                               : fmt::format("--method {}", protocol.method)));
}

}  // namespace laggard
