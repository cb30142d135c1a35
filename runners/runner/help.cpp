#include "runners/runner/help.hpp"

#include "runners/runner/options.hpp"
#include "runners/runner/protocol_options.hpp"

#include <fmt/format.h>

#include <sstream>
#include <string_view>

namespace laggard {
namespace {

constexpr std::size_t kTextColumn = 30;

constexpr std::string_view kIntroduction =
    "Solves a regularised loss over many samples with consensus ADMM on a fleet of\n"
    "workers, some of which lag. Without options it runs a small example.\n\n"
    "Usage: runner [--option value | --option=value]...\n"
    "       runner protocols [NAME|PATH.so]    lists protocols, or describes one\n"
    "       runner methods [NAME|PATH.so]    the same of methods\n"
    "       runner new-protocol|new-method NAME [--output DIR]    writes a plugin\n"
    "       runner doctor --function NAME ...   looks at what a fleet on Lambda needs\n"
    "       runner aws-smoke --function NAME ...    solves a small problem there\n"
    "       runner pack-shards FILE [options]    writes rows for workers to fetch\n"
    "       Of an option given twice the last one holds; integers may be written 1e4.\n";

constexpr std::string_view kExamples = R"(
Examples
  runner
  runner --data data/a9a.svm.gz --workers 64 --target-gap 1e-6
  runner --data data/communities.svm.gz --loss squared --regularizer l2:1
  runner --straggler bimodal:p=0.05,factor=10 --output results/bimodal
  runner --config run.json --seed 2 --json --quiet
  runner --protocol ./libmine.so --my-option 3

Exit codes
  0 converged, or the target gap was reached    4 the fleet failed
  2 bad usage or input                          5 diverged, or not finite
  3 stopped at a limit                          130 interrupted
)";

// Words of `text` from kTextColumn on; `lead` comes first, on a line of its own if it is too long.
void append_entry(std::string& page, std::string lead, const std::string& text) {
  std::istringstream words(text);
  std::string line = std::move(lead);
  if (line.size() + 2 > kTextColumn) {
    page += line + '\n';
    line.clear();
  }
  line.resize(kTextColumn, ' ');
  bool is_first = true;
  for (std::string word; words >> word; is_first = false) {
    if (!is_first && line.size() + 1 + word.size() > std::size_t(kHelpWidth)) {
      page += line + '\n';
      line.assign(kTextColumn, ' ');
      is_first = true;
    }
    if (!is_first) line += ' ';
    line += word;
  }
  page += line + '\n';
}

std::string with_facts(const std::string& help, const std::string& range,
                       const std::string& default_text) {
  std::string text = help;
  if (!range.empty()) text += "; " + range;
  if (!default_text.empty()) text += fmt::format(" [{}]", default_text);
  return text;
}

void append_group(std::string& page, OptionGroup group) {
  page += fmt::format("\n{}\n", title(group));
  for (const Option& option : options()) {
    if (option.group != group) continue;
    append_entry(page, fmt::format("  --{} {}", option.name, option.metavar),
                 with_facts(option.help, option.range, option.default_text));
  }
}

void append_general(std::string& page) {
  page += "\nGeneral\n";
  append_entry(page, "  --config FILE",
               "takes options from a JSON object; comments are allowed, and the command line "
               "overrides the file");
  append_entry(page, "  --help",
               "prints this; with --protocol or --method NAME or PATH.so the options of that");
  append_entry(page, "  --version", "prints the version");
}

struct TypeNames {
  const char* metavar;
  const char* in_words;
};

TypeNames names_of(OptionType type) {
  switch (type) {
    case OptionType::integer:
      return {"N", "an integer, "};
    case OptionType::real:
      return {"X", "a number, "};
    case OptionType::choice:
      return {"CHOICE", "one of "};
    case OptionType::text:
      return {"TEXT", ""};
  }
  return {"", ""};
}

// Of a protocol or a method.
template <class Described>
void append_described(std::string& page, const char* kind, const Described& one) {
  page += fmt::format("\n{} {}: {}\n", kind, one.name, one.summary);
  if (one.options.empty()) page += "  It has no options of its own.\n";
  for (const OptionSpec& option : one.options) {
    append_entry(page, fmt::format("  --{} {}", option.name, names_of(option.type).metavar),
                 with_facts(option.help, describe_range(option), option.default_text));
  }
}

template <class Registry>
void append_names(std::string& page, const Registry& all) {
  for (const auto& [name, one] : all) append_entry(page, "  " + name, one.summary);
}

}  // namespace

std::string protocols_text() {
  std::string page;
  append_names(page, protocols());
  return page;
}

template <class Described>
std::string described(const Described& protocol) {
  std::string page;
  append_entry(page, protocol.name, protocol.summary);
  append_entry(page, "  source", protocol.source);
  if (protocol.options.empty()) append_entry(page, "  options", "none of its own");
  for (const OptionSpec& option : protocol.options) {
    const TypeNames names = names_of(option.type);
    append_entry(
        page, fmt::format("  --{} {}", option.name, names.metavar),
        with_facts(option.help, names.in_words + describe_range(option), option.default_text));
  }
  return page;
}

std::string methods_text() {
  std::string page;
  append_names(page, methods());
  return page;
}

std::string protocol_text(const Protocol& protocol) { return described(protocol); }

std::string method_text(const Method& method) { return described(method); }

std::string help_text(const Protocol& protocol, const Method& method) {
  std::string page(kIntroduction);
  append_group(page, OptionGroup::run);
  page += "\nProtocols\n";
  append_names(page, protocols());
  append_described(page, "Protocol", protocol);
  for (const OptionGroup group :
       {OptionGroup::problem, OptionGroup::method, OptionGroup::stopping, OptionGroup::fleet_model,
        OptionGroup::processes, OptionGroup::output}) {
    append_group(page, group);
    if (group == OptionGroup::method) append_described(page, "Method", method);
  }
  append_general(page);
  page += kExamples;
  return page;
}

}  // namespace laggard
