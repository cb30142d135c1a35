// `runner bench`: what this machine and this program do, on one page.
#include "core/problem/loss.hpp"
#include "core/problem/problem.hpp"
#include "core/problem/regularizer.hpp"
#include "core/problem/synthetic.hpp"
#include "core/problem/vector_ops.hpp"
#include "core/results/environment.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/cli/program.hpp"
#include "runners/laboratory/results/text_table.hpp"
#include "runners/runner/command_line.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/json_text.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <string_view>
#include <thread>

namespace laggard {
namespace {

struct BenchChoices {
  int workers = 16;  // of the star
  bool json = false;
};

// What was measured, in the order of the page.
struct Measured {
  std::string name, unit;
  double value;
  std::string meaning;
};

constexpr int kRepetitions = 7;

// Seconds on the wall that `work` takes: the least of several, for other work only adds.
template <class Work>
double least_seconds(const Work& work) {
  double least = kInfinity;
  for (int i = 0; i < kRepetitions; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    least = std::min(least, taken.count());
  }
  return least;
}

// Calls work(i) for i < threads, each in a thread of its own.
template <class Work>
void in_threads(int threads, const Work& work) {
  std::vector<std::jthread> running;
  for (int i = 1; i < threads; ++i) running.emplace_back([&work, i] { work(i); });
  work(0);
}

// Bytes a second that are read from memory, far more of them than caches hold.
double read_rate(int threads) {
  constexpr std::size_t kNumbers = 32 << 20;  // a thread
  const std::vector<Vector> data(static_cast<std::size_t>(threads),
                                 Vector::Ones(static_cast<Eigen::Index>(kNumbers)));
  std::vector<double> sums(data.size());
  const auto read = [&](int i) {
    const auto each = static_cast<std::size_t>(i);
    sums[each] = sum(view(data[each]));
  };
  return static_cast<double>(threads * kNumbers * sizeof(double)) /
         least_seconds([&] { in_threads(threads, read); });
}

Problem paper_instance(int threads) {
  Problem problem;
  problem.data = std::make_shared<Dataset>(
      make_synthetic(parse_synthetic("n=600000,d=10000,density=0.001"), threads));
  problem.loss = make_loss("logistic");
  problem.regularizer = make_regularizer("none");
  problem.shards = 1;
  return problem;
}

void measure_kernel(std::vector<Measured>& page, int cores) {
  const Problem problem = paper_instance(cores);
  const auto& a = problem.data->a;
  const auto bytes = static_cast<double>(a.value.size() * sizeof(a.value[0]) +
                                         a.column.size() * sizeof(a.column[0]) +
                                         a.row_start.size() * sizeof(a.row_start[0]));
  const Vector x = Vector::LinSpaced(problem.features(), -0.01, 0.01);
  Vector gradient(x.size());
  const auto sweep = [&](int threads) {
    return least_seconds([&] { smooth_gradient(problem, view(x), view(gradient), threads); });
  };
  const double memory = read_rate(1), one = sweep(1);
  page.push_back({"memory", "GB/s", 1e-9 * memory, "read from memory by one thread"});
  if (cores > 1)
    page.push_back({"memory_all", "GB/s", 1e-9 * read_rate(cores),
                    fmt::format("read from memory by {} threads", cores)});
  page.push_back({"gradient", "ms", 1e3 * one, "of the logistic loss, 600,000 rows of 10 numbers"});
  page.push_back({"gradient_share", "", bytes / one / memory,
                  "of the memory's rate, for the matrix read once"});
  if (cores > 1)
    page.push_back({"gradient_threads", "", one / sweep(cores),
                    fmt::format("times as fast with {} threads", cores)});
}

void measure_margins(std::vector<Measured>& page) {
  constexpr int kMargins = 1 << 20;
  const Vector margin = Vector::LinSpaced(kMargins, -8, 8), label = Vector::Ones(kMargins);
  Vector first(kMargins);
  const auto loss = make_loss("logistic");
  const double seconds =
      least_seconds([&] { loss->derivative(view(margin), view(label), view(first)); });
  page.push_back({"margin", "ns", 1e9 * seconds / kMargins, "logistic loss and derivative"});
}

RunResult run_of(std::vector<std::string> options, const CommandContext& context) {
  RunObserver nobody;
  RunResult result =
      context.execute(parse_command_line(options).config, nobody, context.interrupted);
  if (result.summary.stop != StopReason::max_rounds)
    throw Error(fmt::format("bench: a run ended with {}{}{}; expected its rounds",
                            to_string(result.summary.stop),
                            result.summary.detail.empty() ? "" : ": ", result.summary.detail));
  return result;
}

void measure_simulator(std::vector<Measured>& page, const CommandContext& context) {
  for (const int workers : {256, 10000}) {
    double least = kInfinity;
    for (int i = 0; i < 3; ++i) {
      const Summary run =
          run_of({"--workers", fmt::format("{}", workers), "--method", "gd", "--regularizer",
                  "none", "--synthetic", fmt::format("n={},d=2,density=1", workers), "--stop",
                  "none", "--max-rounds", workers > 1000 ? "10" : "100", "--quiet"},
                 context)
              .summary;
      least = std::min(least, (run.machine.simulator + run.machine.coordinator) /
                                  static_cast<double>(run.tasks));
    }
    page.push_back({fmt::format("simulator_{}", workers), "us", 1e6 * least,
                    fmt::format("a simulated task of one among {} workers", workers)});
  }
}

// Seconds of a round, by what more rounds take longer: start and end are not in it.
double round_seconds(int workers, const char* transport, const CommandContext& context) {
  constexpr int kFew = 20, kMore = 120;
  const auto seconds = [&](int rounds) {
    return run_of({"--fleet", "local", "--workers", fmt::format("{}", workers), "--method", "gd",
                   "--regularizer", "none", "--synthetic",
                   fmt::format("n={},d=10000,density=0.001", workers), "--stop", "none",
                   "--transport", transport, "--max-rounds", fmt::format("{}", rounds), "--quiet"},
                  context)
        .summary;
  };
  const auto solving = [](const Summary& run) { return run.fleet_seconds - run.startup_seconds; };
  return (solving(seconds(kMore)) - solving(seconds(kFew))) / (kMore - kFew);
}

void measure_star(std::vector<Measured>& page, int workers, const CommandContext& context) {
  for (const char* transport : {"plain", "tls"})
    page.push_back(
        {fmt::format("star_{}", transport), "ms", 1e3 * round_seconds(workers, transport, context),
         fmt::format("a round of {} processes, 10,000 numbers, {}", workers, transport)});
}

const char* width_name() {
  switch (vector_width()) {
    case VectorWidth::avx512:
      return "AVX-512";
    case VectorWidth::avx2:
      return "AVX2";
    case VectorWidth::baseline:
      break;
  }
  return "baseline vectors";
}

std::string page_text(const std::vector<Measured>& page, int cores) {
  const Environment here = environment();
  std::string text;
  cli::wrap(text, "", fmt::format("{}, {} cores, {}", here.cpu, cores, width_name()), 2);
  cli::wrap(text, "",
            fmt::format("laggard {}, {}, {}", here.version, here.compiler, here.build_type), 2);
  text += '\n';
  std::vector<std::vector<std::string>> rows = {{"what", "value", "unit", "meaning"}};
  for (const Measured& each : page)
    rows.push_back({each.name, brief_number(each.value, 3), each.unit, each.meaning});
  text += text_table(rows) + '\n';
  cli::wrap(text, "",
            "The least of several tries each; what else the machine does still shows. How these "
            "compare with other programs: docs/performance.md.",
            0);
  return text;
}

// The unit last, as in star_plain_ms and memory_gb_per_s.
std::string json_key(const Measured& measured) {
  if (measured.unit.empty()) return measured.name;
  std::string unit;
  for (const char c : measured.unit) {
    if (c == '/')
      unit += "_per_";
    else
      unit += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return fmt::format("{}_{}", measured.name, unit);
}

boost::json::object page_json(const std::vector<Measured>& page, int cores) {
  const Environment here = environment();
  boost::json::object out{{"version", here.version},
                          {"compiler", here.compiler},
                          {"build_type", here.build_type},
                          {"cpu", here.cpu},
                          {"cores", cores},
                          {"vectors", width_name()}};
  for (const Measured& each : page) out[json_key(each)] = each.value;
  return out;
}

int bench(const std::vector<std::string>&, const BenchChoices& choices,
          const CommandContext& context) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  std::vector<Measured> page;
  measure_kernel(page, cores);
  measure_margins(page);
  measure_simulator(page, context);
  measure_star(page, choices.workers, context);
  print(context.console.out,
        choices.json ? json_text(page_json(page, cores)) + '\n' : page_text(page, cores));
  return kExitSuccess;
}

cli::Table<BenchChoices> bench_options() {
  using Make = cli::Kinds<BenchChoices>;
  return {Make::integer(
              {"workers", "Options", "W", "worker processes of the star"},
              [](auto& c) { return &c.workers; }, 1, 1000),
          Make::flag({"json", "Options", "", "one JSON object"}, [](auto& c) { return &c.json; })};
}

}  // namespace

Command bench_command() {
  Command command;
  command.text.name = "bench";
  command.text.arguments = "[--workers W] [--json]";
  command.text.summary = "Measures this machine and this program";
  command.text.details =
      "In a few seconds: what memory gives, the kernel beside it, the simulator, and rounds "
      "of worker processes on this machine.";
  reads(command, bench_options(), 0, "expected options alone", bench);
  return command;
}

}  // namespace laggard
