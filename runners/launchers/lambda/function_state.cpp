#include "runners/launchers/lambda/function_state.hpp"

#include "core/io/json_fields.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>

namespace laggard {
namespace {

namespace json = boost::json;

std::string text(const json::object& object, const char* key) {
  return one_line(loose_text(object, key));
}

std::optional<int> count(const json::object& object, const char* key) {
  const json::value* found = object.if_contains(key);
  if (!found || !found->is_int64() || found->as_int64() < 0) return std::nullopt;
  return static_cast<int>(std::min<std::int64_t>(found->as_int64(), 1'000'000'000));
}

}  // namespace

std::optional<FunctionState> parse_function_state(const std::string& body) {
  const json::object object = loose_object(body);
  const auto timeout = count(object, "Timeout");
  const auto memory = count(object, "MemorySize");
  if (!timeout || !memory || *timeout < 1 || *memory < 1) return std::nullopt;
  FunctionState state;
  state.timeout = std::chrono::seconds(*timeout);
  state.memory_mb = *memory;
  state.runtime = text(object, "Runtime");
  state.state = text(object, "State");
  state.state_reason = text(object, "StateReason");
  const json::value* architectures = object.if_contains("Architectures");
  if (architectures && architectures->is_array()) {
    for (const json::value& one : architectures->as_array()) {
      if (one.is_string()) state.architectures.emplace_back(one.as_string());
    }
  }
  return state;
}

std::string why_unfit(const FunctionState& state, const FunctionAddress& address) {
  const auto& architectures = state.architectures;
  if (!architectures.empty() &&
      std::find(architectures.begin(), architectures.end(), "x86_64") == architectures.end()) {
    return fmt::format(
        "--function {}: its architecture is {}, but the worker's is x86_64; create "
        "it again with x86_64 (deploy/README.md)",
        address.text(), architectures.front());
  }
  if (!state.runtime.empty() && !state.runtime.starts_with("provided")) {
    return fmt::format(
        "--function {}: its runtime is {}, expected provided.al2023; deploy the "
        "worker (deploy/README.md)",
        address.text(), state.runtime);
  }
  // Inactive: it idled for weeks, and an invocation wakes it up.
  if (state.state == "Failed" || state.state == "Pending") {
    return fmt::format("--function {}: its state is {} ({}), expected Active; {}", address.text(),
                       state.state, state.state_reason,
                       state.state == "Failed" ? "deploy it again" : "try again in a minute");
  }
  return "";
}

Concurrency parse_concurrency(const std::string& function_body, const std::string& account_body) {
  Concurrency concurrency;
  concurrency.reserved = count(loose_object(function_body), "ReservedConcurrentExecutions");
  const json::object account = loose_object(account_body);
  if (const json::value* limits = account.if_contains("AccountLimit")) {
    if (limits->is_object()) {
      concurrency.unreserved = count(limits->as_object(), "UnreservedConcurrentExecutions");
    }
  }
  return concurrency;
}

std::string why_too_little(const Concurrency& concurrency, int workers,
                           const FunctionAddress& address) {
  const std::optional<int> available = concurrency.available();
  if (!available || *available >= workers) return "";
  if (concurrency.reserved) {
    return fmt::format(
        "--workers {}: the concurrency reserved for {} is {}; reserve at least {} (and "
        "some more for hand-overs), or take fewer workers",
        workers, address.text(), *available, workers);
  }
  return fmt::format(
      "--workers {}: the account's unreserved concurrency in {} is {}; ask for a "
      "higher quota of \"Concurrent executions\" (Service Quotas), or take fewer "
      "workers",
      workers, address.region, *available);
}

}  // namespace laggard
