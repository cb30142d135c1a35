#include "runners/runner/app.hpp"

#include "core/io/error.hpp"
#include "core/results/environment.hpp"
#include "core/results/recorder.hpp"
#include "core/results/run_directory.hpp"
#include "runners/runner/aws_commands.hpp"
#include "runners/runner/command_line.hpp"
#include "runners/runner/commands.hpp"
#include "runners/runner/help.hpp"
#include "runners/runner/json_result.hpp"
#include "runners/runner/json_text.hpp"
#include "runners/runner/options.hpp"
#include "runners/runner/progress.hpp"
#include "runners/runner/protocol_options.hpp"

#include <fmt/format.h>

#include <new>
#include <optional>
#include <system_error>

namespace laggard {
namespace {

// Passes everything to the printer and, with --output, to a recorder that begins with the run: a
// run that is refused before it starts leaves nothing behind.
class Reporter : public RunObserver {
 public:
  Reporter(const RunConfig& config, ProgressPrinter& printer)
      : config_(config), printer_(printer) {}

  void on_phase(std::string_view what) override { printer_.on_phase(what); }
  void on_start(const RunInfo& info) override {
    if (!config_.output.empty()) recorder_.emplace(config_.output, config_.overwrite);
    printer_.on_start(info);
  }
  void on_round(const RoundRow& row) override {
    if (recorder_) recorder_->on_round(row);
    printer_.on_round(row);
  }
  void on_notice(const std::string& line) override { printer_.on_notice(line); }
  void on_task(const TaskRow& row) override {
    if (recorder_) recorder_->on_task(row);
  }

  void finish(const RunResult& result, const std::vector<std::string>& arguments) {
    if (!recorder_) return;
    recorder_->finish(result.summary, json_text(run_json(config_, result, arguments)));
    recorder_.reset();
  }

 private:
  const RunConfig& config_;
  ProgressPrinter& printer_;
  std::optional<Recorder> recorder_;
};

void print(std::ostream& out, const std::string& text) {
  out << text;
  out.flush();
  if (!out) throw Error("cannot write to standard output");
}

// A message of one line, whatever was thrown.
int fail(const Console& console, int code, std::string message) {
  for (char& c : message) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  console.err << "runner: " << message << std::endl;
  return code;
}

bool is_defect(const std::exception& error) {
  return !dynamic_cast<const Error*>(&error) && !dynamic_cast<const Deadlock*>(&error) &&
         !dynamic_cast<const std::bad_alloc*>(&error) &&
         !dynamic_cast<const std::system_error*>(&error);
}

// A rule of the program that was broken while a plugin was at work: not by the program itself.
struct PluginFault : std::logic_error {
  PluginFault(const RunConfig& config, const std::exception& error)
      : std::logic_error(fmt::format("{}: a defect of this plugin: {}",
                                     config.plugin.empty() ? "--method " + config.method_plugin
                                                           : "--protocol " + config.plugin,
                                     error.what())) {}
};

int run(const RunConfig& config, const std::vector<std::string>& arguments, const Console& console,
        const Execute& execute, const std::atomic<bool>& interrupted) {
  if (!config.output.empty()) RunDirectory::check(config.output, config.overwrite);
  ProgressPrinter printer(config, console);
  Reporter reporter(config, printer);
  RunResult result;
  try {
    result = execute(config, reporter, interrupted);
  } catch (const std::exception& error) {
    printer.clear();
    const bool plugged = !config.plugin.empty() || !config.method_plugin.empty();
    if (plugged && is_defect(error)) throw PluginFault(config, error);
    throw;
  } catch (...) {
    printer.clear();
    throw;
  }
  printer.finish(result);
  if (config.quiet && result.summary.stop == StopReason::fleet_failed)
    fail(console, kExitFleet, "the fleet failed: " + result.summary.detail);
  // First to stdout, which cannot be asked for again; a full disk is told after it.
  if (config.json) print(console.out, json_text(result_json(config, result)) + '\n');
  reporter.finish(result, arguments);
  print(console.out, "");
  if (!result.complaint.empty()) throw Error(result.complaint);
  return exit_code(result.summary.stop);
}

int run_checked(const std::vector<std::string>& arguments, const Console& console,
                const Execute& execute, const std::atomic<bool>& interrupted) {
  std::vector<std::string> options(arguments.begin() + (arguments.empty() ? 0 : 1),
                                   arguments.end());
  if (!options.empty() && options.front() == "aws-smoke") {
    options = smoke_options({options.begin() + 1, options.end()});
  }
  if (const auto output = run_command(options, interrupted)) {
    print(console.out, output->text);
    return output->good ? kExitSuccess : kExitFleet;
  }
  const CommandLine line = parse_command_line(options);
  if (line.help) {
    print(console.out, help_text(find_protocol(line.config.protocol, "--protocol"),
                                 find_method(line.config.method, "--method")));
    return kExitSuccess;
  }
  if (line.version) {
    print(console.out, fmt::format("laggard {}\n", version()));
    return kExitSuccess;
  }
  if (line.config.print_config) {
    print(console.out, json_text(configuration_json(line.config)) + '\n');
    return kExitSuccess;
  }
  return run(line.config, arguments, console, execute, interrupted);
}

}  // namespace

ExitCode exit_code(StopReason stop) {
  switch (stop) {
    case StopReason::converged:
    case StopReason::target_gap:
      return kExitSuccess;
    case StopReason::max_rounds:
    case StopReason::time_limit:
    case StopReason::budget:
      return kExitLimit;
    case StopReason::diverged:
    case StopReason::not_finite:
      return kExitDiverged;
    case StopReason::interrupted:
      return kExitInterrupted;
    case StopReason::fleet_failed:
      return kExitFleet;
  }
  return kExitInternal;
}

int run_app(const std::vector<std::string>& arguments, const Console& console,
            const Execute& execute, const std::atomic<bool>& interrupted) {
  try {
    return run_checked(arguments, console, execute, interrupted);
  } catch (const FleetError& error) {
    return fail(console, kExitFleet, error.what());
  } catch (const Error& error) {
    // A preparation that is interrupted ends with an Error as well.
    if (interrupted) return fail(console, kExitInterrupted, "interrupted before the first round");
    return fail(console, kExitUsage, error.what());
  } catch (const Deadlock& error) {
    return fail(console, kExitFleet, error.what());
  } catch (const std::bad_alloc&) {
    return fail(console, kExitFleet, "out of memory; try fewer workers or a smaller problem");
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::resource_unavailable_try_again)
      return fail(console, kExitInternal, fmt::format("internal error: {}", error.what()));
    return fail(console, kExitFleet,
                "the system gives this program no more threads; raise the limits (ulimit -u, "
                "ulimit -v)");
  } catch (const PluginFault& fault) {
    return fail(console, kExitInternal, fault.what());
  } catch (const std::exception& error) {
    return fail(console, kExitInternal, fmt::format("internal error: {}", error.what()));
  } catch (...) {
    return fail(console, kExitInternal, "internal error of an unknown kind");
  }
}

}  // namespace laggard
