#include "runners/runner/app.hpp"

#include "core/io/output_file.hpp"
#include "core/results/recorder.hpp"
#include "core/results/run_directory.hpp"
#include "core/results/trace_writer.hpp"
#include "runners/live/live_run.hpp"
#include "runners/live/server.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/describe.hpp"
#include "runners/runner/help.hpp"
#include "runners/runner/identity.hpp"
#include "runners/runner/json_result.hpp"
#include "runners/runner/json_text.hpp"
#include "runners/runner/progress.hpp"
#include "runners/runner/signals.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <new>
#include <optional>
#include <sstream>
#include <system_error>

namespace laggard {
namespace {

std::string now_utc() { return fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr))); }

// Passes everything to the printer and, with --output and --trace, to those who write files. They
// begin with the run: one that is refused before it starts leaves nothing behind.
class Reporter : public RunObserver {
 public:
  // Makes `end` true where the run is to end for want of room.
  Reporter(const RunConfig& config, const std::vector<std::string>& arguments,
           ProgressPrinter& printer, std::atomic<bool>& end)
      : config_(config), printer_(printer), end_(end) {
    record_.arguments = arguments;
    if (config.output.serve) view_.emplace(*config.output.serve);
  }

  // Where the run can be followed; empty: nowhere.
  std::string address() const { return view_ ? view_->server.url() : ""; }

  void on_phase(std::string_view what) override {
    if (view_) view_->run.on_phase(what);
    printer_.on_phase(what);
  }
  void on_fleet(const Fleet& fleet) override {
    if (view_) view_->run.watch(fleet, [this] { return view_->server.is_watched(); });
  }
  void on_start(const RunInfo& info) override {
    if (!config_.output.directory.empty()) {
      info_ = info;
      record_.id = cell_id(config_, info.data_sha256);
      record_.started = now_utc();
      recorder_.emplace(config_.output.directory, config_.output.overwrite,
                        json_text(running_json(config_, info, record_)));
    }
    if (!config_.output.trace.empty())
      trace_.emplace(config_.output.trace, info.workers, header_text(config_, info));
    if (view_) view_->run.on_start(view_heading(info));
    printer_.on_start(info);
  }
  void on_moment(Time now) override {
    if (view_) view_->run.on_moment(now);
  }
  void on_submit(WorkerId worker, Time at) override {
    if (trace_) trace_->on_submit(worker, at);
    if (view_) view_->run.on_submit(worker, at);
  }
  void on_answer(WorkerId worker, Time at) override {
    if (trace_) trace_->on_answer(worker, at);
    if (view_) view_->run.on_answer(worker, at);
  }
  void on_round(const RoundRow& row) override {
    check_reference(config_, row.objective, fmt::format("at round {}", row.round));
    if (recorder_) recorder_->on_round(row);
    if (trace_) trace_->on_round(row);
    if (view_) view_->run.on_round(row);
    printer_.on_round(row);
    look();
  }
  void on_startup(Time at) override {
    if (view_) view_->run.on_startup(at);
  }
  void on_notice(const std::string& line) override {
    notices_.push_back(line);
    if (view_) view_->run.on_notice(line);
    printer_.on_notice(line);
  }
  void on_task(const TaskRow& row) override {
    if (recorder_) recorder_->on_task(row);
    if (trace_) trace_->on_task(row);
    if (view_) view_->run.on_task(row);
    look();
  }
  bool has_ended_it() const { return has_ended_it_; }

  // Those that came during the run.
  const std::vector<std::string>& notices() const { return notices_; }

  // Throws Error, and says so in run.json, where files could not be written.
  void finish(const RunResult& result) {
    if (!recorder_) return;
    try {
      recorder_->finish(result.summary, json_text(ended_json(config_, result, record_, now_utc(),
                                                             exit_code(result.summary.stop))));
    } catch (const Error& error) {
      fail(kExitOutput, error.what());
      throw;
    }
    recorder_.reset();
  }

  // Who follows the run is told how it ended.
  void end_view(const std::string& how, const Summary* summary) {
    if (!view_) return;
    view_->run.on_end(how, summary);
    view_.reset();
  }

  // Throws Error where the trace could not be written.
  void finish_trace(const RunResult& result) {
    if (trace_) trace_->finish(result.summary);
    trace_.reset();
  }

  // The run was ended by an error, which is told by others.
  void fail(int code, const std::string& message) {
    if (!recorder_) return;
    info_.notices.insert(info_.notices.end(), notices_.begin(), notices_.end());
    try {
      recorder_->write_run(
          json_text(failed_json(config_, info_, record_, now_utc(), message, code)));
    } catch (const Error&) {
      // run.json stays as it was: of a run that did not come to its end.
    }
    recorder_.reset();
  }

 private:
  // The run as it goes, and the page that shows it. The server is stopped before the rest goes.
  struct View {
    explicit View(int port) : server(port, live::page(), [this] { return run.document(); }) {}

    live::LiveRun run;
    live::Server server;
  };

  live::Heading view_heading(const RunInfo& info) const {
    live::Heading heading;
    heading.title = config_.protocol.name;
    heading.is_virtual = config_.fleet.kind == FleetKind::sim;
    heading.workers = info.workers;
    std::istringstream lines(header_text(config_, info));
    for (std::string line; std::getline(lines, line);) heading.lines.push_back(line);
    return heading;
  }

  // Trouble with the files is told when it comes, not when all is over.
  void look() {
    if (told_) return;
    std::optional<std::string> failure = recorder_ ? recorder_->failure() : std::nullopt;
    if (!failure && trace_) failure = trace_->failure();
    if (!failure) return;
    told_ = true;
    const bool goes_on = config_.output.go_on_without_files;
    printer_.on_notice(fmt::format(
        "{}; {}", *failure,
        goes_on ? "the run goes on without its files" : "the run ends; see --on-full-disk"));
    if (!goes_on) has_ended_it_ = !end_.exchange(true);
  }

  const RunConfig& config_;
  ProgressPrinter& printer_;
  std::atomic<bool>& end_;
  bool told_ = false;
  bool has_ended_it_ = false;
  RunInfo info_;  // with --output, as this
  RunRecord record_;
  std::optional<Recorder> recorder_;
  std::optional<TraceWriter> trace_;
  std::optional<View> view_;
  std::vector<std::string> notices_;
};

// A message of one line, whatever was thrown.
int fail(const Console& console, int code, std::string message) {
  console.err << message_text("runner: ", std::move(message), console.err_is_terminal)
              << std::flush;
  return code;
}

// What an exception comes to.
struct Failure {
  int code;
  std::string message;
};

// A rule of the program was broken: not by the program itself where a plugin was at work.
std::string defect(const RunConfig* config, const std::exception& error) {
  const bool protocol = config && !config->protocol.plugin.empty();
  const bool method = config && !config->method.plugin.empty();
  if (!protocol && !method) return fmt::format("internal error: {}", error.what());
  return fmt::format(
      "{}: a defect of this plugin: {}",
      protocol ? "--protocol " + config->protocol.plugin : "--method " + config->method.plugin,
      error.what());
}

Failure system_failure(const std::system_error& error) {
  if (error.code() != std::errc::resource_unavailable_try_again)
    return {kExitInternal, fmt::format("internal error: {}", error.what())};
  return {kExitFleet,
          "the system gives this program no more threads; raise the limits (ulimit -u, ulimit -v)"};
}

// Of the exception that is being handled. `config`: of the run it ended; null without one.
Failure failure_now(const RunConfig* config, bool interrupted) {
  try {
    throw;
  } catch (const Failure& failure) {
    return failure;
  } catch (const FleetError& error) {
    return {kExitFleet, error.what()};
  } catch (const OutputError& error) {
    return {kExitOutput, error.what()};
  } catch (const Error& error) {
    // A preparation that is interrupted ends with an Error as well.
    if (interrupted)
      return {kExitInterrupted, config ? "interrupted before the first round" : "interrupted"};
    return {kExitUsage, error.what()};
  } catch (const Deadlock& error) {
    if (config && !config->protocol.plugin.empty()) return {kExitInternal, defect(config, error)};
    return {kExitFleet, error.what()};
  } catch (const std::bad_alloc&) {
    return {kExitFleet, "out of memory; try fewer workers or a smaller problem"};
  } catch (const std::system_error& error) {
    return system_failure(error);
  } catch (const std::exception& error) {
    return {kExitInternal, defect(config, error)};
  } catch (...) {
    return {kExitInternal, "internal error of an unknown kind"};
  }
}

// What is kept is worth more than what is read: the run does not end with its reader.
bool keeps_anything(const OutputOptions& output) {
  return !output.directory.empty() || !output.trace.empty() || !output.checkpoint.empty();
}

}  // namespace

int run_configuration(const RunConfig& config, const std::vector<std::string>& argv,
                      const Console& console, const Execute& execute,
                      std::atomic<bool>& interrupted) {
  if (!config.output.directory.empty())
    RunDirectory::check(config.output.directory, config.output.overwrite);
  if (!config.output.trace.empty())
    TraceWriter::check(config.output.trace, config.output.overwrite);
  if (keeps_anything(config.output)) outlive_readers();
  ProgressPrinter printer(config, console);
  Reporter reporter(config, argv, printer, interrupted);
  // Asked for, and found nowhere else where the port is not known: told with --quiet too.
  if (config.output.serve)
    console.err << "the run can be followed at " << reporter.address() << std::endl;
  RunResult result;
  try {
    result = execute(config, reporter, interrupted);
  } catch (...) {
    printer.clear();
    const Failure failure = failure_now(&config, interrupted);
    reporter.fail(failure.code, failure.message);
    reporter.end_view(failure.message, nullptr);
    throw failure;
  }
  result.info.notices.insert(result.info.notices.end(), reporter.notices().begin(),
                             reporter.notices().end());
  if (reporter.has_ended_it() && result.summary.stop == StopReason::interrupted)
    result.summary.detail = "--output or --trace cannot be written any more";
  printer.finish(result);
  if (config.output.quiet && result.summary.stop == StopReason::fleet_failed)
    fail(console, kExitFleet, "the fleet failed: " + result.summary.detail);
  std::vector<std::string> complaints;
  // First to stdout, which cannot be asked for again; a full disk is told after it.
  try {
    print(console.out, config.output.json ? json_text(result_json(config, result)) + '\n' : "");
  } catch (const OutputError& error) {
    complaints.emplace_back(error.what());
  }
  for (void (Reporter::*complete)(const RunResult&) :
       {&Reporter::finish, &Reporter::finish_trace}) {
    try {
      (reporter.*complete)(result);
    } catch (const Error& error) {
      complaints.emplace_back(error.what());
    }
  }
  reporter.end_view(stop_text(config, result.summary), &result.summary);
  if (!result.complaint.empty()) complaints.push_back(result.complaint);
  for (const std::string& complaint : complaints) fail(console, kExitOutput, complaint);
  return complaints.empty() ? exit_code(result.summary.stop) : kExitOutput;
}

namespace {

int run_checked(const std::vector<std::string>& argv, const Console& console,
                const Execute& execute, std::atomic<bool>& interrupted) {
  cli::Arguments arguments(argv.begin() + (argv.empty() ? 0 : 1), argv.end());
  const Command* command = &commands().front();
  if (!arguments.empty() && !arguments.front().starts_with("-")) {
    command = &command_named(arguments.front());
    arguments.erase(arguments.begin());
  }
  if (!command->own_help && cli::asks_for(arguments, cli::kHelpFlag)) {
    print(console.out, help_on(command->text.name));
    return kExitSuccess;
  }
  if (!cli::asks_for(arguments, cli::kHelpFlag) && cli::asks_for(arguments, cli::kVersionFlag))
    return command_named("version").run({}, {console, execute, interrupted, argv});
  if (!command->ends_in_order) let_signals_kill();
  return command->run(arguments, {console, execute, interrupted, argv});
}

}  // namespace

ExitCode exit_code(StopReason stop) {
  switch (stop) {
    case StopReason::converged:
    case StopReason::target_gap:
    case StopReason::target_loss:
    case StopReason::rule_holds:
    case StopReason::method_ended:
      return kExitSuccess;
    case StopReason::max_rounds:
    case StopReason::max_tasks:
    case StopReason::max_passes:
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
            const Execute& execute, std::atomic<bool>& interrupted) {
  try {
    return run_checked(arguments, console, execute, interrupted);
  } catch (...) {
    const Failure failure = failure_now(nullptr, interrupted);
    return fail(console, failure.code, failure.message);
  }
}

}  // namespace laggard
