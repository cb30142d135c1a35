// `runner protocols` and `runner methods`: what there is, or one of them.
#include "runners/cli/kinds.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/help.hpp"
#include "runners/runner/json_text.hpp"
#include "runners/runner/lookup.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>

namespace laggard {
namespace {

struct ListingChoices {
  bool json = false;
};

cli::Table<ListingChoices> listing_options() {
  return {cli::Kinds<ListingChoices>::flag(
      {"json", "Options", "", "one JSON object or array on stdout"},
      [](auto& c) { return &c.json; })};
}

struct Protocols {
  static constexpr const char* kName = "protocols";
  static const auto& all() { return protocols(); }
  static const Protocol& find(std::string_view name) { return find_protocol(name, kName); }
  static std::string text() { return protocols_text(); }
  static std::string text(const Protocol& protocol) { return protocol_text(protocol); }
  static boost::json::object json(const Protocol& protocol) { return protocol_json(protocol); }
};

struct Methods {
  static constexpr const char* kName = "methods";
  static const auto& all() { return methods(); }
  static const Method& find(std::string_view name) { return find_method(name, kName); }
  static std::string text() { return methods_text(); }
  static std::string text(const Method& method) { return method_text(method); }
  static boost::json::object json(const Method& method) { return method_json(method); }
};

template <class Of>
int list(const std::vector<std::string>& words, const ListingChoices& choices,
         const CommandContext& context) {
  std::string text;
  if (words.empty() && choices.json) {
    boost::json::array all;
    for (const auto& [name, one] : Of::all()) all.push_back(Of::json(one));
    text = json_text(all) + '\n';
  } else if (words.empty()) {
    text = Of::text();
  } else {
    const auto& one = Of::find(words.front());
    text = choices.json ? json_text(Of::json(one)) + '\n' : Of::text(one);
  }
  print(context.console.out, text);
  return kExitSuccess;
}

template <class Of>
Command command_for() {
  Command command;
  command.text.name = Of::kName;
  command.text.arguments = "[NAME|PATH.so] [--json]";
  command.text.summary = fmt::format("Lists the {}, or describes one", Of::kName);
  for (const auto& [name, one] : Of::all()) command.text.words.push_back(name);
  reads(command, listing_options(), 1, "expected one name at most", list<Of>);
  return command;
}

}  // namespace

Command protocols_command() { return command_for<Protocols>(); }
Command methods_command() { return command_for<Methods>(); }

}  // namespace laggard
