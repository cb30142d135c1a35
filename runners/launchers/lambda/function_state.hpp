// What the service knows of the function before anything is started.
#pragma once

#include "runners/launchers/lambda/service_api.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace laggard {

struct FunctionState {
  Time timeout{};
  double memory_mb = 0;
  std::vector<std::string> architectures;
  std::string runtime;
  std::string state;  // "Active"; empty: not told
  std::string state_reason;
};

// Of GetFunctionConfiguration's answer; nothing if it is not one.
std::optional<FunctionState> parse_function_state(const std::string& body);

// What makes the function useless for the fleet, with the remedy; empty: nothing.
std::string why_unfit(const FunctionState& state, const FunctionAddress& address);

// How many of the function's invocations can run at a time; nothing where that is not told.
struct Concurrency {
  std::optional<int> reserved;    // of the function
  std::optional<int> unreserved;  // of the account, shared by all functions without a share
  std::optional<int> available() const { return reserved ? reserved : unreserved; }
};
Concurrency parse_concurrency(const std::string& function_body, const std::string& account_body);

// Why a fleet of so many workers does not fit, with the remedy; empty: it does, as far as is known.
std::string why_too_little(const Concurrency& concurrency, int workers,
                           const FunctionAddress& address);

}  // namespace laggard
