// From the words of a command line to settings of options.
#pragma once

#include "core/io/error.hpp"
#include "runners/cli/option.hpp"
#include "runners/cli/setting.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace laggard::cli {

using Arguments = std::vector<std::string>;

struct Words {
  std::vector<Setting> settings;   // in order; flags have the value "true"
  std::vector<std::string> words;  // what belongs to no option
};

// `--name value`, `--name=value`, and `-n value` where an option has a letter. Options that are not
// in `known` are passed on with the value that follows them, for whoever knows more. Throws Error
// for an option without its value.
Words split(const Arguments& arguments, std::span<const OptionText> known);

// What every program understands beside its options.
inline constexpr std::string_view kHelpFlag = "--help";
inline constexpr std::string_view kVersionFlag = "--version";
bool asks_for(const Arguments& arguments, std::string_view flag);  // --help is -h too
// What follows `--help`, such as a topic; empty if nothing does.
std::string help_topic(const Arguments& arguments);

// Throws Error: no option is called that; offers the nearest of `known` and of `more`.
[[noreturn]] void refuse_unknown(const Setting& setting, std::span<const OptionText> known,
                                 std::span<const std::string> more = {});

// Throws Error for more words than `most`; `expected` says what a command line looks like.
void limit_words(const Words& words, std::size_t most, std::string_view expected);

// Reads a whole command line into `config` by the table alone; returns the words beside options.
template <class Config>
std::vector<std::string> read(const Arguments& arguments, const Table<Config>& table,
                              Config& config, std::size_t most_words = 0,
                              std::string_view expected = "options are written --name value") {
  const std::vector<OptionText> known = texts(table);
  Words all = split(arguments, known);
  limit_words(all, most_words, expected);
  for (const Setting& setting : all.settings) {
    const Option<Config>* option = find(table, setting.name);
    if (!option) refuse_unknown(setting, known);
    option->parse(config, setting.value, setting.what);
  }
  return std::move(all.words);
}

}  // namespace laggard::cli
