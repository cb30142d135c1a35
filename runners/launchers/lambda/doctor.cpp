#include "runners/launchers/lambda/doctor.hpp"

#include "core/io/error.hpp"
#include "laggard/version.hpp"
#include "runners/launchers/lambda/invoke_answer.hpp"
#include "runners/launchers/lambda/preparation.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <cmath>
#include <ctime>
#include <functional>
#include <optional>

namespace laggard {
namespace {

using Verdict = Finding::Verdict;

constexpr double kMostSkewSeconds = 300;  // what the service takes
constexpr double kSomeSkewSeconds = 60;

class Examination {
 public:
  explicit Examination(const DoctorOptions& options) : options_(options) {}

  std::vector<Finding> run() {
    const bool can_ask = attempt([this] { find_identity(); });
    if (can_ask && attempt([this] { meet_service(); })) {
      attempt([this] { look_at_function(); });
      attempt([this] { try_permission(); });
    }
    attempt([this] { look_at_network(); });
    if (options_.probe && is_healthy(findings_)) attempt([this] { probe(); });
    return std::move(findings_);
  }

 private:
  void add(Verdict verdict, std::string text) {
    for (const Finding& finding : findings_)
      if (finding.verdict == verdict && finding.text == text) return;  // told by the step before
    findings_.push_back({verdict, std::move(text)});
  }

  bool attempt(const std::function<void()>& part) {
    const std::size_t before = findings_.size();
    try {
      part();
    } catch (const Error& error) {
      if (options_.stop && *options_.stop) throw;
      add(Verdict::failure, error.what());
    }
    for (std::size_t i = before; i < findings_.size(); ++i) {
      if (findings_[i].verdict == Verdict::failure) return false;
    }
    return true;
  }

  void find_identity() {
    const std::string region = find_region(options_.region, options_.environment);
    const std::string endpoint = find_endpoint(options_.endpoint, options_.environment);
    address_ = function_address(options_.function, region, endpoint);
    credentials_ = find_credentials(options_.environment);
    add(Verdict::ok, "credentials: found in " + credentials_.source);
  }

  void meet_service() {
    Preparation preparation;
    preparation.stop = options_.stop;
    first_ = fetch_patiently(preparation, configuration_request(address_, credentials_), address_);
    add(Verdict::ok, fmt::format("service: {} answers in {:.0f} ms", address_.endpoint,
                                 1e3 * to_seconds(first_.elapsed)));
    const std::time_t there = curl_getdate(first_.header("date").c_str(), nullptr);
    if (there == -1) {
      add(Verdict::warning, "clock: not compared, for the service does not tell its time");
      return;
    }
    const double skew = std::difftime(std::time(nullptr), there);
    const std::string text = fmt::format("clock: {:.0f} s {} the service's", std::abs(skew),
                                         skew < 0 ? "behind" : "ahead of");
    if (std::abs(skew) > kMostSkewSeconds) {
      add(Verdict::failure,
          text + "; signatures are refused beyond 300 s: set this machine's clock");
    } else if (std::abs(skew) > kSomeSkewSeconds) {
      add(Verdict::warning, text + "; let this machine keep time (NTP)");
    } else {
      add(Verdict::ok, text);
    }
  }

  void look_at_function() {
    Preparation preparation;
    preparation.stop = options_.stop;
    preparation.notice = [this](const std::string& line) { add(Verdict::warning, line); };
    const auto state = prepare_function(preparation, address_, credentials_, options_.workers);
    if (!state) return;
    add(Verdict::ok,
        fmt::format(
            "function: {}, {}, {}, time-out {:.0f} s, {:.0f} MB", address_.text(),
            state->runtime.empty() ? "runtime not told" : state->runtime,
            state->architectures.empty() ? "architecture not told" : state->architectures.front(),
            to_seconds(state->timeout), state->memory_mb));
    if (state->timeout < std::chrono::seconds(60)) {
      add(Verdict::warning,
          fmt::format("function: its time-out of {:.0f} s makes for many hand-overs; "
                      "900 is the most",
                      to_seconds(state->timeout)));
    }
    add(Verdict::ok, fmt::format("concurrency: enough for {} worker{}, as far as the service tells",
                                 options_.workers, options_.workers == 1 ? "" : "s"));
  }

  void try_permission() {
    HttpRequest request = dry_run_request(address_, credentials_);
    request.stop = options_.stop;
    const HttpResponse response = fetch(request);
    if (response.status == 204) {
      add(Verdict::ok, "permission: these credentials may invoke the function");
      return;
    }
    const ServiceError error = service_error(response);
    const std::string why = remedy(response.status, error, address_);
    if (response.status == 403 || response.status == 404) {
      add(Verdict::failure, why);
    } else {
      add(Verdict::warning,
          fmt::format("permission: not checked; the dry run was answered by {} {}{}",
                      response.status, error.type, response.error));
    }
  }

  void look_at_network() {
    const NetworkFindings network = look_at(options_.doors);
    add(Verdict::ok, "network: can listen on " + network.listen);
    const bool is_on_aws = find_endpoint(options_.endpoint, options_.environment).empty();
    if (is_on_aws && network.is_here) {
      add(Verdict::failure,
          fmt::format("network: workers on AWS cannot reach {}; give --listen 0.0.0.0:PORT and the "
                      "address of this host with --advertise",
                      network.advertise));
    } else if (is_on_aws && network.is_private) {
      add(Verdict::warning,
          fmt::format(
              "network: {} is a private address; workers reach it only from within the same "
              "VPC: see --advertise",
              network.advertise));
    } else {
      add(Verdict::ok, fmt::format("network: workers are told to dial {}", network.advertise));
    }
  }

  void probe() {
    const ProbeResult result = probe_worker(address_, credentials_, options_.doors, options_.stop);
    InvokeContext context{address_, true, result.advertise};
    const InvokeAnswer answer = read_answer(result.response, context);
    if (answer.end.hopeless || answer.not_started) {
      add(Verdict::failure, "probe: " + answer.end.why);
      return;
    }
    if (result.version && *result.version != LAGGARD_VERSION) {
      add(Verdict::failure,
          fmt::format(
              "probe: the function's worker is of version {}, this runner of {}; deploy the "
              "lambda_zip of this build",
              *result.version, LAGGARD_VERSION));
      return;
    }
    if (!result.version) {
      add(Verdict::failure,
          answer.end.failed
              ? fmt::format(
                    "probe: the function ran, but did not reach {} ({}); expected an address and "
                    "port that it has a way to and no firewall stops",
                    result.advertise, answer.end.why)
              : fmt::format("probe: the function ended without a word to {}; expected the "
                            "laggard-worker of this build "
                            "(its lambda_zip)",
                            result.advertise));
      return;
    }
    add(Verdict::ok,
        fmt::format(
            "probe: a worker of this version ran and reached {}{}", result.advertise,
            answer.billing ? fmt::format(", {:.3f} s billed", answer.billing->seconds) : ""));
  }

  const DoctorOptions& options_;
  std::vector<Finding> findings_;
  FunctionAddress address_;
  Credentials credentials_;
  HttpResponse first_;
};

}  // namespace

std::vector<Finding> examine(const DoctorOptions& options) { return Examination(options).run(); }

std::string to_text(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    const char* verdict = finding.verdict == Verdict::ok        ? "ok  "
                          : finding.verdict == Verdict::warning ? "warn"
                                                                : "FAIL";
    text += fmt::format("{}  {}\n", verdict, finding.text);
  }
  return text;
}

bool is_healthy(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    if (finding.verdict == Verdict::failure) return false;
  }
  return true;
}

}  // namespace laggard
