#include "core/results/recorder.hpp"

#include "core/io/error.hpp"
#include "core/results/rows.hpp"

#include <chrono>
#include <utility>

namespace laggard {
namespace {

constexpr std::string_view kIterations = "iterations.csv";
constexpr std::string_view kWorkers = "workers.csv.gz";
constexpr std::string_view kSolution = "solution.csv";
constexpr std::string_view kModels = "models.csv";
constexpr std::string_view kFleet = "fleet.csv";
constexpr std::string_view kPerWorker = "per_worker.csv";

template <class Row>
std::string rows_text(std::string_view header, const std::vector<Row>& rows) {
  std::string text(header);
  for (const Row& row : rows) append_row(text, row);
  return text;
}

std::string models_text(const std::vector<ModelOutcome>& models) {
  std::string text(kModelsHeader);
  for (std::size_t m = 0; m < models.size(); ++m)
    text += solution_rows(models[m].z, std::to_string(m) + ',');
  return text;
}

}  // namespace

Recorder::Recorder(const std::filesystem::path& directory, bool overwrite,
                   std::string_view run_json)
    : directory_(directory, overwrite) {
  write_run(run_json);
  iterations_ = open_text_file(directory_.part(kIterations));
  workers_ = open_gzip_file(directory_.part(kWorkers));
  iterations_->append(kIterationsHeader);
  iterations_->flush();
  workers_->append(kWorkersHeader);
  workers_->flush();
  flusher_ = std::jthread([this](std::stop_token stop) { flush_each_second(std::move(stop)); });
}

Recorder::~Recorder() {
  flusher_.request_stop();
  if (flusher_.joinable()) flusher_.join();
  // A run that ended by an exception keeps what it had.
  try {
    if (iterations_ && !failure_) iterations_->flush();
    if (workers_ && !failure_) workers_->flush();
  } catch (const Error&) {
    // Nobody is left to be told: the exception that ended the run is on its way.
  }
}

template <class Row>
void Recorder::write(RowFile& file, const Row& row) {
  const std::lock_guard lock(mutex_);
  if (failure_) return;
  try {
    text_.clear();
    append_row(text_, row);
    file.append(text_);
  } catch (const Error& error) {
    failure_ = error.what();
  }
}

std::optional<std::string> Recorder::failure() {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Recorder::on_round(const RoundRow& row) { write(*iterations_, row); }

void Recorder::on_task(const TaskRow& row) { write(*workers_, row); }

void Recorder::flush_each_second(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested() && !failure_) {
    wake_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
    try {
      iterations_->flush();
      workers_->flush();
    } catch (const Error& error) {
      failure_ = error.what();
    }
  }
}

void Recorder::write_whole(std::string_view name, std::string_view text) {
  const auto file = open_text_file(directory_.part(name));
  file->append(text);
  file->finish();
}

void Recorder::finish(const Summary& summary, std::string_view run_json) {
  flusher_.request_stop();
  flusher_.join();
  if (failure_) throw Error(*failure_);
  std::exchange(iterations_, nullptr)->finish();
  std::exchange(workers_, nullptr)->finish();

  write_whole(kSolution, std::string(kSolutionHeader) + solution_rows(summary.z));
  write_whole(kFleet, rows_text(kFleetHeader, summary.lives));
  write_whole(kPerWorker, rows_text(kPerWorkerHeader, summary.workers));
  for (const std::string_view name : {kIterations, kWorkers, kSolution, kFleet, kPerWorker})
    directory_.publish(name);
  if (!summary.models.empty()) {
    write_whole(kModels, models_text(summary.models));
    directory_.publish(kModels);
  }
  write_run(run_json);
}

void Recorder::write_run(std::string_view run_json) {
  directory_.write(kRunFile, std::string(run_json) + '\n');
}

}  // namespace laggard
