// `runner report`: runs as a page for a browser, and as pictures.
#include "core/io/atomic_file.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/laboratory/report/document.hpp"
#include "runners/laboratory/report/figures.hpp"
#include "runners/laboratory/report/page.hpp"
#include "runners/runner/command_text.hpp"
#include "runners/runner/commands/command.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>

namespace laggard {
namespace {

namespace fs = std::filesystem;

struct ReportChoices {
  std::string file, title, figures;
  double gap = 0;
};

cli::Table<ReportChoices> report_options() {
  using Kinds = cli::Kinds<ReportChoices>;
  cli::Table<ReportChoices> options = {
      Kinds::text(
          {"output", "Options", "FILE.html", "where the page is written", {}, "none"},
          [](auto& c) { return &c.file; }, cli::as_given),
      Kinds::text(
          {"title", "Options", "TEXT", "what stands above it", {}, "the name of the first folder"},
          [](auto& c) { return &c.title; }, cli::as_given),
      Kinds::real({"gap",
                   "Options",
                   "E",
                   "the relative gap to phi* that runs are compared at first",
                   {},
                   "what three quarters of them reach"},
                  [](auto& c) { return &c.gap; }, {.min_excluded = true}),
      Kinds::text(
          {"figures", "Options", "DIR", "where its figures are written, each as SVG", {}, "none"},
          [](auto& c) { return &c.figures; }, cli::as_given)};
  options.front().letter = "o";
  return options;
}

ReportOptions report_of(const ReportChoices& choices, const std::vector<std::string>& folders) {
  ReportOptions options;
  options.folders.assign(folders.begin(), folders.end());
  options.title = choices.title;
  options.gap = choices.gap;
  options.made = fmt::format(
      "{:%Y-%m-%dT%H:%M:%SZ}",
      fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
  options.command = command_text;
  return options;
}

void make_folder(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (!fs::is_directory(directory))
    fail_to_write(error.value(),
                  fmt::format("report: --figures: cannot create {}: {}", directory.string(),
                              error ? error.message() : "it is not a directory"));
}

void write_figures(const std::vector<Figure>& figures, const fs::path& directory) {
  for (const Figure& figure : figures)
    write_atomically(directory / (figure.name + ".svg"), figure.svg, "report: --figures");
}

int report(const std::vector<std::string>& folders, const ReportChoices& choices,
           const CommandContext& context) {
  if (folders.empty())
    throw Error("report: no folder given; expected DIR... -o FILE.html, DIR with runs in it");
  if (choices.file.empty() && choices.figures.empty())
    throw Error("report: nowhere to write to; expected DIR... -o FILE.html, or --figures DIR");
  const ReportDocument made = make_report(report_of(choices, folders));
  // All of it is there before any of it is written.
  std::vector<Figure> figures;
  if (!choices.figures.empty()) figures = draw_figures(figures_program(), made.json);
  const std::string page = choices.file.empty() ? "" : report_page(made.json);
  if (!choices.figures.empty()) make_folder(choices.figures);
  std::string text;
  if (!choices.file.empty()) {
    write_atomically(choices.file, page, "report: -o");
    text += fmt::format("{}: {} run{}, {:.1f} MB; open it in a browser\n", choices.file, made.runs,
                        made.runs == 1 ? "" : "s", static_cast<double>(page.size()) / 1e6);
  }
  if (!choices.figures.empty()) {
    write_figures(figures, choices.figures);
    text += fmt::format("{}: {} figures\n", choices.figures, figures.size());
  }
  for (const std::string& warning : made.warnings) text += fmt::format("warning: {}\n", warning);
  print(context.console.out, text);
  return kExitSuccess;
}

}  // namespace

Command report_command() {
  Command command;
  command.text.name = "report";
  command.text.arguments = "DIR... -o FILE.html [--title TEXT] [--gap E] [--figures DIR]";
  command.text.summary = "Draws runs: a page for a browser, and figures";
  command.text.details =
      "A DIR is the --output of a run, or holds such folders at most three levels below. The page "
      "is one file that needs no network.";
  reads(command, report_options(), cli::kMany, "expected DIR... -o FILE.html", report);
  return command;
}

}  // namespace laggard
