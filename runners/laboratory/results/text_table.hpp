// Columns of text below each other.
#pragma once

#include <string>
#include <vector>

namespace laggard {

// The first row is the heading. A column whose other cells are all numbers or empty is set to the
// right, others to the left; no blanks at the ends of lines.
std::string text_table(const std::vector<std::vector<std::string>>& rows);

// A number for people, to so many significant digits.
std::string brief_number(double value, int digits = 4);

}  // namespace laggard
