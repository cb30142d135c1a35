// An option of a program. A program has one table of them, from which follow parsing, help,
// configuration files, the manual page and the completion of shells.
#pragma once

#include <boost/json/value.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace laggard::cli {

// Whether the value of an option is a number.
enum class NumberKind { none, integer, real };

// What people and shells are told of an option.
struct OptionText {
  std::string name;                      // without dashes
  std::string group;                     // the heading that it stands under in the help
  std::string metavar;                   // what stands for its value in the help; empty: a flag
  std::string help;                      // a phrase, no full stop
  std::string range = {};                // what the value may be; empty where the metavar says it
  std::string default_text = {};         // empty: nothing
  std::vector<std::string> values = {};  // words that it may be, as far as they can be listed
  // It has an effect only where this other option has one of these values, or any if none is named.
  std::string only_with = {};
  std::vector<std::string> only_values = {};
  std::string letter = {};               // `o`, where the option may be written -o too
  NumberKind number = NumberKind::none;  // words, such as none, may be values too
  // Its value where none is given; empty: one must be. One that is given begins with a digit.
  std::string bare_value = {};

  bool is_flag() const { return metavar.empty(); }
};

template <class Config>
struct Option : OptionText {
  // Reads `text` into the configuration. `what` names the option in errors. Throws Error.
  std::function<void(Config&, std::string_view text, std::string_view what)> parse;
  // The canonical value, which parse() takes back; null where the configuration has none.
  std::function<boost::json::value(const Config&)> print;
};

template <class Config>
using Table = std::vector<Option<Config>>;

// Null if there is none of that name.
template <class Options>
auto find(const Options& options, std::string_view name) -> decltype(&*options.begin()) {
  for (const auto& option : options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

template <class Config>
std::vector<OptionText> texts(const Table<Config>& table) {
  return {table.begin(), table.end()};
}

}  // namespace laggard::cli
