// A report as one file for a browser.
#pragma once

#include <string>
#include <string_view>

namespace laggard {

// The page with the data in it, packed. It needs nothing else, no network either.
std::string report_page(std::string_view document);

// The built page without data, and the program that draws its figures.
std::string_view report_template();
std::string_view figures_program();

}  // namespace laggard
