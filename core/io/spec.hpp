// What options are given in a small grammar of their own: NAME:ARGUMENT,... and NAME=VALUE,...
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// The items of a list separated by commas; one empty item if `text` is empty. Views into `text`.
std::vector<std::string_view> split_list(std::string_view text);

// A spec taken apart. Views into the text that it was made from.
struct Spec {
  std::string_view name;
  std::vector<std::string_view> arguments;  // none without a colon
};

Spec split_spec(std::string_view text);

// Returns the entry of `syntaxes` ("huber:DELTA") whose name and number of arguments are those of
// `text`. Throws Error naming `option` and what is expected: the syntax, or for an unknown name the
// valid ones and the nearest.
std::string_view match_syntax(std::string_view option, std::string_view text,
                              std::span<const std::string_view> syntaxes);

// Not "Setting": the command line has one, and the linker would mix the two.
struct KeyValue {
  std::string_view key;
  std::string_view value;
};

// Reads KEY=VALUE,...; none if `text` is empty. Views into `text`. Throws Error, beginning with
// `what`, for a key that is not one of `keys` or is given twice, and for what has no =.
std::vector<KeyValue> parse_settings(std::string_view text, std::string_view what,
                                     std::span<const std::string_view> keys);

}  // namespace laggard
