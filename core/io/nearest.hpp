// What the user may have meant.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace laggard {

// How many letters to change, drop, insert or swap with their neighbour turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The shortest name that begins with `text`; else the one at the least edit distance from it, the
// first of equals, if that is no farther than a slip of the fingers; else none.
std::optional<std::string> nearest_name(std::string_view text, std::span<const std::string> names);

}  // namespace laggard
