// Names of the cases of a test with parameters, which may be letters, digits and _ alone.
#pragma once

#include <fmt/format.h>

#include <cctype>
#include <string>

namespace laggard {

// "huber:0.5" -> "huber_0_5"
template <class... Parts>
std::string case_name(fmt::format_string<Parts...> format, Parts&&... parts) {
  std::string name = fmt::format(format, std::forward<Parts>(parts)...);
  for (char& letter : name)
    if (!std::isalnum(static_cast<unsigned char>(letter))) letter = '_';
  return name;
}

}  // namespace laggard
