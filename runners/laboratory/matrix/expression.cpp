#include "runners/laboratory/matrix/expression.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

namespace laggard {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_figure(char c) { return c >= '0' && c <= '9'; }

constexpr std::array<std::string_view, 5> kFunctions = {"min", "max", "floor", "ceil", "sqrt"};
bool is_function(std::string_view name) {
  return std::ranges::find(kFunctions, name) != kFunctions.end();
}

// Parentheses within parentheses: far more than anybody writes, far less than the stack bears.
constexpr int kDeepest = 100;

class ExpressionReader {
 public:
  ExpressionReader(std::string_view text, const ValueOfName& value_of)
      : text_(text), value_of_(value_of) {}

  double whole() {
    const double value = sum();
    if (at_ < text_.size()) refuse(at_, fmt::format("{} is not expected here", rest()));
    if (!std::isfinite(value)) refuse(0, "its value is not finite");
    return value;
  }

 private:
  [[noreturn]] void refuse(std::size_t at, std::string message) const {
    throw ExpressionFault{at, std::move(message)};
  }
  std::string rest() const { return fmt::format("\"{}\"", text_.substr(at_, 12)); }

  // The next character that is no blank; zero at the end.
  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (take(c)) return;
    refuse(at_, at_ < text_.size() ? fmt::format("{} is not expected here; expected {}", rest(), c)
                                   : fmt::format("ends too early; expected {}", c));
  }

  double sum() {
    double value = product();
    for (;;) {
      if (take('+')) {
        value += product();
      } else if (take('-')) {
        value -= product();
      } else {
        return value;
      }
    }
  }
  double product() {
    double value = factor();
    for (;;) {
      if (take('*')) {
        value *= factor();
      } else if (peek() == '/') {
        const std::size_t at = at_++;
        const double divisor = factor();
        if (divisor == 0) refuse(at, "division by zero");
        value /= divisor;
      } else {
        return value;
      }
    }
  }
  double factor() {
    if (++depth_ > kDeepest) refuse(at_, "too many parentheses within each other");
    const double value = primary();
    --depth_;
    return value;
  }
  double primary() {
    const char next = peek();
    if (take('-')) return -factor();
    if (take('(')) {
      const double value = sum();
      expect(')');
      return value;
    }
    if (is_figure(next) || next == '.') return number();
    if (is_letter(next)) return named();
    if (next == '\0') refuse(at_, "ends too early; expected a number or a name");
    refuse(at_, fmt::format("{} is not expected here; expected a number or a name", rest()));
  }
  double number() {
    double value = 0;
    const auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc()) refuse(at_, fmt::format("{} is no number", rest()));
    at_ = static_cast<std::size_t>(end - text_.data());
    return value;
  }

  std::string_view longest_name() const {
    std::size_t end = at_;
    while (end < text_.size() &&
           (is_letter(text_[end]) || is_figure(text_[end]) ||
            (text_[end] == '-' && end + 1 < text_.size() && is_letter(text_[end + 1]))))
      ++end;
    return text_.substr(at_, end - at_);
  }
  double named() {
    const std::size_t begin = at_;
    const std::string_view longest = longest_name();
    const bool is_called =
        begin + longest.size() < text_.size() && text_[begin + longest.size()] == '(';
    if (is_called && is_function(longest)) return call(longest);
    for (std::string_view name = longest;;) {
      if (const std::optional<double> value = value_of_(name)) {
        at_ = begin + name.size();
        return *value;
      }
      const std::size_t dash = name.rfind('-');
      if (dash == name.npos) break;
      name = name.substr(0, dash);
    }
    if (is_called)
      refuse(begin,
             fmt::format("{} is no function; expected {}", longest, fmt::join(kFunctions, ", ")));
    refuse(begin,
           fmt::format("{} is no name here; expected W, P or an option that is a number", longest));
  }
  double call(std::string_view function) {
    const std::size_t begin = at_;
    at_ += function.size() + 1;
    std::vector<double> arguments = {sum()};
    while (take(',')) arguments.push_back(sum());
    expect(')');
    if (function == "min") return *std::ranges::min_element(arguments);
    if (function == "max") return *std::ranges::max_element(arguments);
    if (arguments.size() != 1) refuse(begin, fmt::format("{} takes one number", function));
    if (function == "floor") return std::floor(arguments[0]);
    if (function == "ceil") return std::ceil(arguments[0]);
    return std::sqrt(arguments[0]);
  }

  std::string_view text_;
  const ValueOfName& value_of_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

double evaluate(std::string_view expression, const ValueOfName& value_of) {
  return ExpressionReader(expression, value_of).whole();
}

}  // namespace laggard
