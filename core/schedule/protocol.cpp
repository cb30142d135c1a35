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

void need_sums(const ProtocolSetup& setup, std::string_view what) {
  if (setup.traits.additive) return;
  throw Error(fmt::format(
      "{} carries sums of contributions, and those of --method {} do not add up; expected "
      "--method {}",
      what, setup.method,
      methods_that([](const MethodTraits& traits) { return traits.additive; })));
}

void fix_shards(ProtocolSetup& setup, int shards, std::string_view why) {
  if (setup.shards_given && setup.shards != shards)
    throw Error(fmt::format("--shards: {} cannot go with this protocol; expected {}, {}",
                            setup.shards, shards, why));
  setup.shards = shards;
}

OptionSpec superseded_option() {
  return {.name = "superseded",
          .type = OptionType::choice,
          .choices = {"preempt", "finish"},
          .default_text = "preempt",
          .help = "whether workers that are not needed any more are stopped"};
}

const Registry& protocols() { return registry(); }

RegisterProtocol::RegisterProtocol(Protocol protocol) {
  const std::string name = protocol.name;
  const bool added = registry().emplace(name, std::move(protocol)).second;
  LAGGARD_ASSERT(added, "two protocols are called " + name);
}

}  // namespace laggard
