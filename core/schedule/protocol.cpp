#include "core/schedule/protocol.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>

#include <utility>

namespace laggard {
namespace {

using Registry = std::map<std::string, Protocol, std::less<>>;

Registry& registry() {
  static Registry all;
  return all;
}

}  // namespace

void settle_options(const Protocol& protocol, ProtocolSetup& setup) {
  fill_defaults(protocol.options, setup.values);
  if (protocol.prepare) protocol.prepare(setup);
  for (const OptionSpec& option : protocol.options)
    LAGGARD_ASSERT(setup.values.contains(option.name),
                   fmt::format("protocol {} left option {} open", protocol.name, option.name));
}

const Registry& protocols() { return registry(); }

RegisterProtocol::RegisterProtocol(Protocol protocol) {
  const std::string name = protocol.name;
  const bool added = registry().emplace(name, std::move(protocol)).second;
  LAGGARD_ASSERT(added, "two protocols are called " + name);
}

}  // namespace laggard
