#include "core/schedule/protocol.hpp"

#include "core/error.hpp"

#include <utility>

namespace laggard {
namespace {

using Registry = std::map<std::string, Protocol, std::less<>>;

Registry& registry() {
  static Registry all;
  return all;
}

}  // namespace

const Registry& protocols() { return registry(); }

RegisterProtocol::RegisterProtocol(Protocol protocol) {
  const std::string name = protocol.name;
  const bool added = registry().emplace(name, std::move(protocol)).second;
  LAGGARD_ASSERT(added, "two protocols are called " + name);
}

}  // namespace laggard
