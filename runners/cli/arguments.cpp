#include "runners/cli/arguments.hpp"

#include "core/io/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard::cli {
namespace {

const std::vector<std::string> kGeneral = {"help", "version"};

bool is_flag(std::string_view name, std::span<const OptionText> known) {
  if (std::find(kGeneral.begin(), kGeneral.end(), name) != kGeneral.end()) return true;
  const OptionText* option = find(known, name);
  return option && option->is_flag();
}

bool is_digit(char c) { return '0' <= c && c <= '9'; }

// The option that "-o" stands for; null if none does.
const OptionText* with_letter(std::span<const OptionText> known, std::string_view argument) {
  for (const OptionText& option : known)
    if (!option.letter.empty() && argument == '-' + option.letter) return &option;
  return nullptr;
}

}  // namespace

Words split(const Arguments& arguments, std::span<const OptionText> known) {
  Words all;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!argument.starts_with("-") || argument == "-") {
      all.words.push_back(argument);
      continue;
    }
    const OptionText* lettered = with_letter(known, argument);
    if (!lettered && (!argument.starts_with("--") || argument.size() == 2)) {
      throw Error(fmt::format(
          "{}: unexpected argument; options are written --name value, see --help", argument));
    }
    const auto equals = argument.find('=');
    const std::string what = argument.substr(0, equals);
    Setting setting{lettered ? lettered->name : what.substr(2), "true", what, Setting::Kind::text};
    const bool value_follows = i + 1 < arguments.size() && !arguments[i + 1].starts_with("--");
    if (equals != argument.npos) {
      setting.value = argument.substr(equals + 1);
    } else if (const OptionText* option = find(known, setting.name);
               option && !option->bare_value.empty()) {
      const bool is_given = value_follows && is_digit(arguments[i + 1].front());
      setting.value = is_given ? arguments[++i] : option->bare_value;
    } else if (!is_flag(setting.name, known)) {
      setting.value = value_follows ? arguments[++i] : "";
    }
    if (find(known, setting.name) && setting.value.empty())
      throw Error(fmt::format("{}: no value given; expected one, see --help", what));
    all.settings.push_back(std::move(setting));
  }
  return all;
}

bool asks_for(const Arguments& arguments, std::string_view flag) {
  return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
    return argument == flag || argument.starts_with(std::string(flag) + '=') ||
           (flag == kHelpFlag && argument == "-h");
  });
}

std::string help_topic(const Arguments& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].starts_with("--help=")) return arguments[i].substr(7);
    if (arguments[i] != kHelpFlag && arguments[i] != "-h") continue;
    if (i + 1 < arguments.size() && !arguments[i + 1].starts_with("-")) return arguments[i + 1];
  }
  return {};
}

void refuse_unknown(const Setting& setting, std::span<const OptionText> known,
                    std::span<const std::string> more) {
  const bool dashed = setting.what.starts_with("--");
  std::vector<std::string> names(more.begin(), more.end());
  for (const OptionText& option : known) names.push_back(option.name);
  if (dashed) names.insert(names.end(), kGeneral.begin(), kGeneral.end());
  const auto nearest = nearest_name(setting.name, names);
  throw Error(fmt::format(
      "{}: unknown option; {}", setting.what,
      nearest ? fmt::format("did you mean {}{}?", dashed ? "--" : "", *nearest) : "see --help"));
}

void limit_words(const Words& words, std::size_t most, std::string_view expected) {
  if (words.words.size() <= most) return;
  throw Error(fmt::format("{}: unexpected argument; {}, see --help", words.words[most], expected));
}

}  // namespace laggard::cli
