// The figures of a report as pictures in files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace laggard {

struct Figure {
  std::string name;  // for a file: letters, digits and _
  std::string title;
  std::string svg;
};

// Runs `program`, JavaScript of the fifth edition that defines laggardFigures(), on the data of a
// report. The same figures for the same data.
std::vector<Figure> draw_figures(std::string_view program, std::string_view document);

}  // namespace laggard
