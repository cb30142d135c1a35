#include "runners/runner/console.hpp"

#include "core/io/output_file.hpp"
#include "runners/cli/program.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace laggard {
namespace {

// Standard output is a pipe that nobody reads any more, or a terminal that is closed.
bool is_abandoned() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

int columns_of_stderr() {
  struct winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

Console standard_console() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool is_able = term && *term && std::string_view(term) != "dumb";
  const bool is_unwanted = no_color && *no_color;
  return {std::cout,
          std::cerr,
          ::isatty(STDOUT_FILENO) == 1,
          ::isatty(STDERR_FILENO) == 1,
          is_able && !is_unwanted,
          is_able,
          columns_of_stderr()};
}

void print(std::ostream& out, const std::string& text) {
  out << text;
  out.flush();
  if (!out && !is_abandoned()) throw OutputError("cannot write to standard output");
}

std::string message_text(std::string_view lead, std::string message, bool is_terminal) {
  for (char& c : message) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  if (!is_terminal) return fmt::format("{}{}\n", lead, message);
  constexpr std::size_t kIndent = 2;
  std::string text;
  cli::wrap(text, std::string(lead), message, kIndent);
  return text;
}

std::string paint(std::string_view text, Colour colour, bool wanted) {
  if (!wanted || colour == Colour::none) return std::string(text);
  const int code = colour == Colour::dim      ? 2
                   : colour == Colour::green  ? 32
                   : colour == Colour::yellow ? 33
                                              : 31;
  return fmt::format("\033[{}m{}\033[0m", code, text);
}

}  // namespace laggard
