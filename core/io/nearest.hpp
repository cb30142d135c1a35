// What the user may have meant.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace laggard {

// The shortest name that begins with `text`; else the one at the least edit distance from it (a
// swap of neighbours counts as one edit), the first of equals, if that is no farther than a slip of
// the fingers; else none.
std::optional<std::string> nearest_name(std::string_view text, std::span<const std::string> names);

}  // namespace laggard
