// Whose requests they are: AWS credentials, from where the AWS command line finds them too.
#pragma once

#include "runners/launchers/lambda/secret.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace laggard {

struct Credentials {
  std::string access_key;
  Secret secret_key;
  Secret session_token;  // empty: none
  std::optional<std::chrono::system_clock::time_point> expires;
  std::string source;  // for messages: "the environment", "profile default in /home/..."
};

// The environment's variable of that name, if it is set and not empty.
using EnvironmentVariables = std::function<std::optional<std::string>(const std::string& name)>;
EnvironmentVariables process_environment();

// Looks, in this order, at the environment (AWS_ACCESS_KEY_ID ...), the profile of
// AWS_PROFILE in the shared files, a container's endpoint (AWS_CONTAINER_CREDENTIALS_...), the
// instance's metadata (IMDSv2, unless AWS_EC2_METADATA_DISABLED). Blocks for a few seconds at most.
// Throws FleetError that lists where it looked, or says what is wrong with what it found.
Credentials find_credentials(const EnvironmentVariables& environment);

// `option` if not empty, AWS_REGION, AWS_DEFAULT_REGION, the profile's. Throws Error.
std::string find_region(const std::string& option, const EnvironmentVariables& environment);

// `option` if not empty, AWS_ENDPOINT_URL_LAMBDA, AWS_ENDPOINT_URL; empty: AWS's own.
std::string find_endpoint(const std::string& option, const EnvironmentVariables& environment);

// "2026-11-21T01:02:03Z"; nothing if it is not of that form.
std::optional<std::chrono::system_clock::time_point> parse_timestamp(const std::string& text);

}  // namespace laggard
