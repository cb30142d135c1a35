// Where a program's words go.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

namespace laggard {

struct Console {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool colour = false;       // wanted, where there is a terminal
  bool can_rewrite = false;  // the terminal knows how to erase a line
  int columns = 80;          // of the terminal
};

// Standard output and error as they are: isatty, NO_COLOR, TERM.
Console standard_console();

// Throws OutputError where it cannot be written, but not where nobody is left to read it.
void print(std::ostream& out, const std::string& text);

// `lead`, as "runner: ", and a message of one line: whoever reads a terminal gets it at most 80
// columns wide, whoever reads a file as one line.
std::string message_text(std::string_view lead, std::string message, bool is_terminal);

enum class Colour { none, dim, green, yellow, red };

// `text` in a colour, if `wanted`.
std::string paint(std::string_view text, Colour colour, bool wanted);

}  // namespace laggard
