#include "runners/laboratory/report/page.hpp"

#include "core/io/error.hpp"
#include "laggard/report_pages.hpp"
#include "runners/laboratory/report/packed.hpp"

namespace laggard {
namespace {

constexpr std::string_view kMarker = "<!--LAGGARD_DATA-->";

}  // namespace

std::string_view report_template() { return {kReportTemplate, sizeof kReportTemplate - 1}; }
std::string_view figures_program() { return {kFiguresProgram, sizeof kFiguresProgram - 1}; }

std::string report_page(std::string_view document) {
  const std::string_view page = report_template();
  const std::size_t at = page.find(kMarker);
  LAGGARD_ASSERT(at != page.npos && page.find(kMarker, at + 1) == page.npos,
                 "web/dist/report.html has one place for the data");
  std::string text(page.substr(0, at));
  text += R"(<script id="laggard-data" type="application/octet-stream;base64">)";
  text += base64(packed(document));
  text += "</script>";
  text += page.substr(at + kMarker.size());
  return text;
}

}  // namespace laggard
