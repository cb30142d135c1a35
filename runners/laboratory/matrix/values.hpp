// Values of options as matrices compare them.
#pragma once

#include <optional>
#include <string_view>

namespace laggard {

// The number that the whole text spells, as JSON or the command line would; nothing if it is none.
std::optional<double> number_in(std::string_view text);

// Numbers by what they are, 1e-6 as 0.000001; anything else by its letters.
bool same_value(std::string_view a, std::string_view b);

}  // namespace laggard
