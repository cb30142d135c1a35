#include "runners/runner/topology.hpp"

#include "core/io/error.hpp"
#include "runners/runner/options.hpp"

#include <fmt/format.h>

#include <string_view>

namespace laggard {

void settle_topology(RunConfig& config, const AllGiven& given, const Owners& owners) {
  Topology& topology = config.fleet.sim.network.topology;
  const Given* asked = find(given, "topology");
  const Given* protocol = find(given, "protocol");
  const bool direct = owners.protocol.direct_links;
  if (asked && direct != (topology == Topology::direct)) {
    if (!asked->from_file || !protocol || protocol->from_file)
      throw Error(fmt::format(
          "{}: {} cannot go with protocol {}; expected {}", asked->setting.what,
          asked->setting.value, owners.protocol.name,
          direct ? "direct, where workers talk to each other" : "star, or --protocol gossip"));
    topology = Topology::star;
  }
  if (!direct) return;
  topology = Topology::direct;
  if (config.fleet.kind != FleetKind::sim) {
    config.notices.push_back(fmt::format(
        "workers of --fleet {} cannot call each other: the coordinator passes their messages on",
        find_option("fleet")->print(config).as_string().c_str()));
    return;
  }
  for (const char* name : {"coordinator-bandwidth", "service-time", "masters"}) {
    const Given* idle = find(given, name);
    if (idle && !idle->from_file)
      throw Error(
          fmt::format("{}: has no effect with protocol {}, whose messages do not pass the "
                      "coordinator; expected --latency or --bandwidth",
                      idle->setting.what, owners.protocol.name));
  }
}

}  // namespace laggard
