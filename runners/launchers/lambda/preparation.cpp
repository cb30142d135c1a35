#include "runners/launchers/lambda/preparation.hpp"

#include "core/io/error.hpp"
#include "runners/launchers/lambda/invoke_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace laggard {
namespace {

using Clock = std::chrono::steady_clock;

// An answer to a question that these credentials, or this endpoint, need not be able to answer.
bool is_not_told(const HttpResponse& response, const ServiceError& error) {
  return error.type == "AccessDeniedException" || response.status == 405 ||
         response.status == 501 ||
         (response.status == 404 && error.type != "ResourceNotFoundException");
}

}  // namespace

HttpResponse fetch_patiently(const Preparation& preparation, const HttpRequest& request,
                             const FunctionAddress& address) {
  const Clock::time_point end = Clock::now() + preparation.patience;
  HttpRequest attempt = request;
  for (;;) {
    const Time left = end - Clock::now();
    attempt.timeout = std::max<Time>(left, std::chrono::milliseconds(1));
    attempt.connect_timeout = std::min(preparation.connect_timeout, attempt.timeout);
    attempt.stop = preparation.stop;
    HttpResponse response = preparation.fetch(attempt);
    if (preparation.stop && *preparation.stop) throw Error("interrupted");
    const bool again = response.status == 0 || response.status == 429 || response.status >= 500;
    if (!again || response.status == 501) return response;
    if (Clock::now() + preparation.pause < end &&
        !response.error.starts_with("Could not resolve")) {
      std::this_thread::sleep_for(preparation.pause);
      continue;
    }
    if (response.status) {
      const ServiceError error = service_error(response);
      throw FleetError(fmt::format("--endpoint {}: it answers {} {}: {}; try again later",
                                   address.endpoint, response.status, error.type, error.message));
    }
    throw FleetError(
        fmt::format("--endpoint {}: {}; check --region {}, --endpoint and the network "
                    "(proxy, firewall)",
                    address.endpoint, one_line(response.error), address.region));
  }
}

std::optional<FunctionState> prepare_function(const Preparation& preparation,
                                              const FunctionAddress& address,
                                              const Credentials& credentials, int workers) {
  std::optional<FunctionState> state;
  const auto ask = [&](const HttpRequest& request, const char* what) {
    HttpResponse response = fetch_patiently(preparation, request, address);
    if (response.status == 200) return response.body;
    const ServiceError error = service_error(response);
    if (!is_not_told(response, error)) {
      const std::string why = remedy(response.status, error, address);
      throw FleetError(why.empty() ? fmt::format("--endpoint {}: unexpected answer {} {}",
                                                 address.endpoint, response.status, error.type)
                                   : why);
    }
    preparation.notice(fmt::format("not checked beforehand: {} of function {} (answer {} {})", what,
                                   address.name, response.status, error.type));
    return std::string();
  };
  const std::string configuration =
      ask(configuration_request(address, credentials), "time-out, memory and state");
  if (!configuration.empty()) {
    state = parse_function_state(configuration);
    if (!state) {
      throw FleetError(
          fmt::format("--endpoint {}: it does not answer like Lambda's API", address.endpoint));
    }
    if (const std::string why = why_unfit(*state, address); !why.empty()) throw FleetError(why);
  }
  const std::string reserved =
      ask(concurrency_request(address, credentials), "the concurrency reserved for");
  std::string account;
  if (!parse_concurrency(reserved, "").reserved) {
    account = ask(account_request(address, credentials), "the account's concurrency, beside that");
  }
  const Concurrency concurrency = parse_concurrency(reserved, account);
  const std::string why = why_too_little(concurrency, workers, address);
  if (!why.empty()) throw FleetError(why);
  if (concurrency.available() == workers)
    preparation.notice(fmt::format(
        "the concurrency of {} is {}, one for each worker: none is left for the successor "
        "that a hand-over starts, so a worker whose time is up is lost and replaced; "
        "leave room for some more",
        address.text(), workers));
  return state;
}

}  // namespace laggard
