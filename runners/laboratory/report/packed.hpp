// Text packed for a page.
#pragma once

#include <string>
#include <string_view>

namespace laggard {

// In gzip's format; the same for the same text.
std::string packed(std::string_view text);

// Four characters for every three bytes.
std::string base64(std::string_view bytes);

}  // namespace laggard
