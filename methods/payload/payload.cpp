// Deep networks as far as time goes: tasks that take as long and weigh as much.       [math 16]
#include "methods/payload/payload.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "core/method/plugin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace laggard {
namespace {

// Those that LambdaML trains on CIFAR-10, of inputs of 32 x 32: so many floats.
struct Network {
  std::string_view name;
  std::int64_t parameters;
  std::optional<double> seconds;  // of a batch, where that is known
};
constexpr std::array<Network, 2> kNetworks = {
    {{"mobilenet", 3'217'226, 0.7}, {"resnet50", 23'520'842, std::nullopt}}};

constexpr std::string_view kBytes = "bytes:";
constexpr std::int64_t kMostBytes = std::int64_t{1} << 32;
// Rows of CIFAR-10 without the tenth that is held out, and of a worker's batch.
constexpr std::int64_t kRows = 54'000, kBatch = 128;

const Network* network_of(std::string_view model) {
  const auto found = std::ranges::find(kNetworks, model, &Network::name);
  return found == kNetworks.end() ? nullptr : &*found;
}

std::int64_t bytes_of(std::string_view model) {
  if (const Network* network = network_of(model))
    return network->parameters * static_cast<std::int64_t>(sizeof(float));
  return parse_integer(model.substr(kBytes.size()), "bytes", 1, kMostBytes);
}

std::string canonical_model(std::string_view text) {
  if (!network_of(text) && !text.starts_with(kBytes))
    throw Error(fmt::format("{} is no model; expected mobilenet, resnet50 or bytes:N", text));
  if (network_of(text)) return std::string(text);
  return fmt::format("{}{}", kBytes, bytes_of(text));
}

}  // namespace

std::optional<double> PayloadWorker::seconds(const Task& task) const {
  return seconds_ * static_cast<double>(std::max<std::size_t>(1, task.parts.size()));
}

Contribution PayloadWorker::compute(const Task&, Workspace&, const std::atomic<bool>&) const {
  Contribution out;
  out.ballast = bytes_;
  return out;
}

Payload::Payload(int shards, int features, std::int64_t bytes, std::int64_t batches)
    : shards_(shards),
      bytes_(bytes),
      batches_(batches),
      report_(std::make_shared<ReportShape>(ReportShape{.vectors = {}, .ballast = bytes})),
      empty_(std::make_shared<const Vector>()),
      z_(std::make_shared<const Vector>(Vector::Zero(features))) {}

void Payload::form(Task& task) const {
  task.z = empty_;
  task.ballast = bytes_;
  task.report = report_;
  task.nonzeros = 0;
}

Residuals Payload::update(Absent) {
  ++k_;
  Residuals out;
  if (k_ >= batches_) out.ended = fmt::format("all {} batches are done", batches_);
  return out;
}

void Payload::persist(StateArchive& archive) { archive.value(k_); }

namespace {

void prepare(MethodSetup& setup) {
  const Network* network = network_of(text_value(setup.values, "model"));
  if (!setup.values.contains("compute-seconds")) {
    if (!network || !network->seconds)
      throw Error(fmt::format("--compute-seconds: not given; expected what a batch of {} takes",
                              text_value(setup.values, "model")));
    setup.values["compute-seconds"] = *network->seconds;
  }
  const std::int64_t each = kBatch * setup.workers;
  setup.values.try_emplace("batches", (kRows + each - 1) / each);
  setup.notices.push_back(fmt::format(
      "nothing is trained: a task takes {:g} s and weighs {} bytes each way, as a batch "
      "of such a model would",
      real_value(setup.values, "compute-seconds"), bytes_of(text_value(setup.values, "model"))));
}

std::unique_ptr<const WorkerHalf> worker(const Problem& problem, const OptionValues& values,
                                         Precision) {
  return std::make_unique<PayloadWorker>(problem.features(), bytes_of(text_value(values, "model")),
                                         real_value(values, "compute-seconds"));
}

std::unique_ptr<CoordinatorHalf> coordinator(const CoordinatorSetup& setup) {
  return std::make_unique<Payload>(setup.problem.shards, setup.problem.features(),
                                   bytes_of(text_value(setup.values, "model")),
                                   integer_value(setup.values, "batches"));
}

}  // namespace

LAGGARD_METHOD({
    .name = "payload",
    .summary = "no training: tasks that take as long and weigh as much as those of a network",
    .source = "docs/mathematics.md 16; Jiang et al., SIGMOD 2021 (LambdaML)",
    .options = {{.name = "model",
                 .type = OptionType::text,
                 .default_text = "mobilenet",
                 .help = "mobilenet, resnet50 or bytes:N: what a model weighs",
                 .canonical = canonical_model},
                {.name = "compute-seconds",
                 .type = OptionType::real,
                 .max = 1e6,
                 .default_text = "0.7 with mobilenet",
                 .help = "what a task takes, before stragglers",
                 .min_excluded = true},
                {.name = "batches",
                 .min = 1,
                 .max = 1e9,
                 .default_text = "ceil(54000 / (128 W)), an epoch of CIFAR-10",
                 .help = "K: updates until the end"}},
    .traits = {.additive = true,
               .sums_rows = true,
               .noisy = true,
               .takes_kinks = true,
               .timing_only = true},
    .prepare = prepare,
    .worker = worker,
    .coordinator = coordinator,
})

}  // namespace laggard
