// An option as someone gave it.
#pragma once

#include <string>

namespace laggard {

struct Setting {
  enum class Kind { text, number, boolean };

  std::string name;        // without dashes
  std::string value;       // as written; a JSON string without its quotes
  std::string what;        // how errors call it: "--rho", or "FILE:3: rho"
  Kind kind = Kind::text;  // of the JSON value; all that comes from a command line is text
};

}  // namespace laggard
