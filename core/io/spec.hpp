// Specs on the command line: NAME or NAME:ARGUMENT,ARGUMENT.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

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

}  // namespace laggard
