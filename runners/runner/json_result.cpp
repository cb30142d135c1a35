#include "runners/runner/json_result.hpp"

#include "core/results/digest.hpp"
#include "core/results/environment.hpp"
#include "core/results/numeric_revision.hpp"
#include "core/results/run_directory.hpp"
#include "runners/channels/tls/address.hpp"
#include "runners/runner/json_text.hpp"
#include "runners/runner/options.hpp"

#include <boost/json/array.hpp>

#include <cmath>
#include <thread>

namespace laggard {
namespace {

namespace json = boost::json;

// Null where there is no number, so that nobody who reads the tree has to test for it.
json::value number(double value) {
  if (!std::isfinite(value)) return nullptr;
  return value;
}

json::value text(const std::string& value) {
  if (value.empty()) return nullptr;
  return json::string(value);
}

json::array texts(const std::vector<std::string>& values) {
  json::array array;
  for (const std::string& value : values) array.emplace_back(json::string(value));
  return array;
}

json::object data_json(const RunInfo& info) {
  return {{"name", info.data_name},
          {"samples", info.samples},
          {"features", info.features},
          {"nonzeros", info.nonzeros},
          {"sha256", text(info.data_sha256)}};
}

json::value seconds(const MeanTime& time) {
  if (time.count == 0) return nullptr;
  return to_seconds(time.mean());
}

// Means over tasks as [math 8] has them, and over all starts of workers.
json::object times_json(const WorkerRow& all) {
  return {{"compute", seconds(all.compute)},
          {"pause", seconds(all.pause)},
          {"idle", seconds(all.idle)},
          {"delay", seconds(all.delay)},
          {"communication", seconds(all.communication)},
          {"queueing", seconds(all.queueing)},
          {"cold_start", seconds(all.cold_start)}};
}

json::value lives_json(const WorkerRow& all) {
  if (all.starts == 0) return nullptr;
  return {{"starts", all.starts}, {"hand_overs", all.hand_overs}, {"losses", all.losses}};
}

json::value cost_json(const std::optional<Cost>& cost) {
  if (!cost) return nullptr;
  return {{"requests", cost->requests},
          {"estimated_gb_seconds", number(cost->estimated_gb_seconds)},
          {"billed_gb_seconds", number(cost->billed_gb_seconds.value_or(kNaN))},
          {"unbilled_invocations", cost->unbilled},
          {"unbilled_gb_seconds", number(cost->unbilled_gb_seconds)},
          {"dollars", number(cost->dollars)}};
}

json::value fleet_model_json(const RunConfig& config) {
  if (config.fleet.kind != FleetKind::sim) return nullptr;
  return json::string(config.fleet.model);
}

// What each of several models that take turns came to.
json::value models_json(const RunConfig& config, const RunResult& result) {
  const std::vector<ModelOutcome>& models = result.summary.models;
  if (models.empty()) return nullptr;
  const std::vector<double>& steps = config.setup.models.steps;
  json::array array;
  for (std::size_t m = 0; m < models.size(); ++m) {
    const ModelOutcome& model = models[m];
    json::object one = {{"model", m}, {"last_round", model.round}};
    if (!steps.empty()) one["step_size"] = steps[m];
    if (!result.info.models.empty()) {
      one["regularizer"] = result.info.models[m].regularizer;
      one["reference_objective"] = number(result.info.models[m].reference_objective);
    }
    one["objective"] = number(model.objective);
    one["gap"] = number(model.gap);
    one["certified_gap"] = number(model.certified_gap);
    one["validation_loss"] = number(model.validation_loss);
    array.push_back(std::move(one));
  }
  return array;
}

json::object environment_json() {
  const Environment info = environment();
  json::object libraries;
  for (const auto& [name, library_version] : info.libraries) libraries[name] = library_version;
  return {{"compiler", info.compiler},
          {"flags", info.flags},
          {"build_type", info.build_type},
          {"libraries", std::move(libraries)},
          {"cpu", info.cpu},
          {"git_revision", info.git_revision}};
}

}  // namespace

json::object shown_configuration(const RunConfig& config) {
  json::object object = configuration_json(config);
  for (auto& [name, value] : object)
    if (value.is_string()) value = without_secrets(std::string(value.as_string()));
  return object;
}

bool lacks_secret(std::string_view value) {
  return value.ends_with("?...") || value.find("://...@") != value.npos;
}

json::value work_price_json(const RunConfig& config) {
  if (config.fleet.kind != FleetKind::sim) return nullptr;
  const WorkPrice& price = config.fleet.sim.work;
  return {{"seconds_per_operation", price.seconds_per_operation},
          {"vector_operations", price.vector_operations},
          {"task_overhead", price.task_overhead},
          {"full_cpu_memory_mb", price.full_cpu_memory_mb}};
}

json::object result_json(const RunConfig& config, const RunResult& result) {
  const Summary& summary = result.summary;
  const bool converged =
      summary.stop == StopReason::converged || summary.stop == StopReason::target_gap;
  const WorkerRow all = total(summary.workers);
  return {{"protocol", config.protocol.name},
          {"fleet", find_option("fleet")->print(config)},
          {"workers", result.info.workers},
          {"shards", result.info.shards},
          {"seed", config.fleet.seed},
          {"rounds", summary.rounds},
          {"converged", converged},
          {"stop_reason", std::string(to_string(summary.stop))},
          {"stop_detail", text(summary.detail)},
          {"objective", number(summary.last.objective)},
          {"reference_objective", number(result.info.reference_objective)},
          {"gap", number(summary.last.gap)},
          {"certified_gap", number(summary.certified_gap)},
          {"validation_loss", number(summary.validation_loss)},
          {"kkt", number(summary.kkt)},
          {"disagreement", number(summary.last.disagreement)},
          {"spectral_gap", number(summary.spectral_gap)},
          {"models", models_json(config, result)},
          {"nonzeros", summary.nonzeros},
          {"primal_residual", number(summary.last.primal)},
          {"dual_residual", number(summary.last.dual)},
          {"rho", number(summary.last.rho)},
          {"virtual_seconds", number(summary.fleet_seconds)},
          {"startup_seconds", number(summary.startup_seconds)},
          {"solving_seconds", number(summary.fleet_seconds - summary.startup_seconds)},
          {"wall_seconds", number(summary.wall_seconds)},
          {"compute_seconds", number(summary.compute_seconds)},
          {"pause_seconds", number(summary.pause_seconds)},
          {"task_seconds", number(summary.machine.tasks)},
          {"coordinator_seconds", number(summary.machine.coordinator)},
          {"objective_seconds", number(summary.machine.objective)},
          {"simulator_seconds", number(summary.machine.simulator)},
          {"simulator_overhead", number(summary.machine.overhead())},
          {"bytes_up", summary.bytes_up},
          {"bytes_down", summary.bytes_down},
          {"tasks", summary.tasks},
          {"tasks_wasted", summary.tasks_wasted},
          {"tasks_capped", summary.tasks_capped},
          {"writes_lost",
           summary.writes_lost ? json::value(*summary.writes_lost) : json::value(nullptr)},
          {"passes", number(summary.passes)},
          {"mean_seconds", times_json(all)},
          {"lives", lives_json(all)},
          {"cost", cost_json(summary.cost)},
          {"decode_error", number(summary.decode_error)},
          {"decode_rms", number(summary.decode_rms)},
          {"decode_weight", number(summary.decode_weight)},
          {"condition_number", number(summary.condition_number)},
          {"schedule_digest", to_hex(summary.schedule_digest)},
          {"iterate_digest", to_hex(summary.iterate_digest)},
          {"fleet_model", fleet_model_json(config)},
          {"straggler", result.info.straggler},
          {"data", data_json(result.info)},
          {"configuration", shown_configuration(config)},
          {"notices", texts(result.info.notices)},
          {"version", version()}};
}

namespace {

json::object head_json(const RunRecord& record, std::string_view status) {
  return {{"schema", kRunSchema},
          {"id", record.id},
          {"status", status},
          {"started", record.started},
          {"ended", nullptr},
          {"exit_code", nullptr},
          {"host_cores", std::thread::hardware_concurrency()},
          {"numeric_revision", kNumericRevision}};
}

void append_record(json::object& object, const RunConfig& config, const RunInfo& info,
                   const RunRecord& record) {
  object["problem_fingerprint"] = info.problem_fingerprint;
  object["reference"] = {{"kkt", number(info.reference_kkt)}, {"cached", info.reference_cached}};
  object["resumed_round"] = info.resumed_round > 0 ? json::value(info.resumed_round) : nullptr;
  object["plugin"] = text(config.protocol.plugin);
  object["masters"] = info.masters;
  object["work_price"] = work_price_json(config);
  json::array argv;
  for (const std::string& argument : record.arguments) argv.emplace_back(without_secrets(argument));
  object["argv"] = std::move(argv);
  object["environment"] = environment_json();
}

json::object begun_json(const RunConfig& config, const RunInfo& info, const RunRecord& record,
                        std::string_view status) {
  json::object object = head_json(record, status);
  object["protocol"] = config.protocol.name;
  object["fleet"] = find_option("fleet")->print(config);
  object["workers"] = info.workers;
  object["shards"] = info.shards;
  object["seed"] = config.fleet.seed;
  object["reference_objective"] = number(info.reference_objective);
  object["fleet_model"] = fleet_model_json(config);
  object["straggler"] = info.straggler;
  object["data"] = data_json(info);
  object["configuration"] = shown_configuration(config);
  object["notices"] = texts(info.notices);
  object["version"] = version();
  append_record(object, config, info, record);
  return object;
}

std::string_view status_after(StopReason stop) {
  switch (stop) {
    case StopReason::interrupted:
      return run_status::kInterrupted;
    case StopReason::fleet_failed:
      return run_status::kFailed;
    default:
      return run_status::kFinished;
  }
}

}  // namespace

json::object running_json(const RunConfig& config, const RunInfo& info, const RunRecord& record) {
  return begun_json(config, info, record, run_status::kRunning);
}

json::object ended_json(const RunConfig& config, const RunResult& result, const RunRecord& record,
                        const std::string& ended, int exit_code) {
  const StopReason stop = result.summary.stop;
  json::object object = head_json(record, status_after(stop));
  object["ended"] = ended;
  object["exit_code"] = exit_code;
  if (stop == StopReason::fleet_failed)
    object["error"] = "the fleet failed: " + result.summary.detail;
  for (auto& [key, value] : result_json(config, result)) object[key] = std::move(value);
  json::object refused;
  for (const auto& [reason, times] : result.summary.refused) refused[reason] = times;
  object["refused_connections"] = std::move(refused);
  append_record(object, config, result.info, record);
  return object;
}

json::object failed_json(const RunConfig& config, const RunInfo& info, const RunRecord& record,
                         const std::string& ended, const std::string& error, int exit_code) {
  json::object object = begun_json(config, info, record, run_status::kFailed);
  object["ended"] = ended;
  object["exit_code"] = exit_code;
  object["error"] = error;
  return object;
}

}  // namespace laggard
