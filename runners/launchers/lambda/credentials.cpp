#include "runners/launchers/lambda/credentials.hpp"

#include "core/io/error.hpp"
#include "core/io/json_fields.hpp"
#include "core/wire/proof.hpp"
#include "runners/launchers/lambda/curl_transfer.hpp"
#include "runners/launchers/lambda/http_client.hpp"
#include "runners/launchers/lambda/profile_files.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <vector>

namespace laggard {
namespace {

constexpr const char* kRemedy =
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (AWS_SESSION_TOKEN), or run `aws configure`";

std::optional<Credentials> from_environment(const EnvironmentVariables& environment) {
  const auto key = environment("AWS_ACCESS_KEY_ID");
  const auto secret = environment("AWS_SECRET_ACCESS_KEY");
  if (!key && !secret) return std::nullopt;
  if (!key || !secret) {
    throw FleetError(fmt::format("credentials: {} is set, but {} is not",
                                 key ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                                 key ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"));
  }
  Credentials found;
  found.access_key = *key;
  found.secret_key = Secret(*secret);
  found.session_token = Secret(environment("AWS_SESSION_TOKEN").value_or(""));
  found.source = "the environment";
  return found;
}

std::optional<Credentials> from_profile(const EnvironmentVariables& environment) {
  const Profile profile = read_profile(environment);
  if (!profile.found) {
    if (!profile.chosen) return std::nullopt;
    throw FleetError(fmt::format("AWS_PROFILE: no profile {} in {} or {}", profile.name,
                                 profile.credentials_file, profile.config_file));
  }
  Credentials found;
  found.access_key = profile.value("aws_access_key_id");
  found.secret_key = Secret(profile.value("aws_secret_access_key"));
  found.session_token = Secret(profile.value("aws_session_token"));
  found.source = "profile " + profile.name;
  if (!found.access_key.empty() && !found.secret_key.empty()) return found;
  for (const auto& [key, value] : profile.values) {
    if (key == "credential_process" || key == "role_arn" || key.starts_with("sso_") ||
        key == "web_identity_token_file" || key == "login_session") {
      throw FleetError(fmt::format(
          "credentials: profile {} has {}, which is not supported; expected keys, for example by "
          "eval \"$(aws configure export-credentials --profile {} --format env)\"",
          profile.name, key, profile.name));
    }
  }
  if (!profile.chosen) return std::nullopt;
  throw FleetError(
      fmt::format("credentials: profile {} has no aws_access_key_id with "
                  "aws_secret_access_key",
                  profile.name));
}

HttpRequest local_request(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  request.connect_timeout = std::chrono::seconds(1);
  request.timeout = std::chrono::seconds(3);
  request.most_bytes = 64 * 1024;
  request.direct = true;
  return request;
}

// What container endpoints and instances answer.
Credentials parse_answer(const std::string& body, const std::string& source) {
  const auto answer = loose_object(body);
  Credentials found;
  found.access_key = loose_text(answer, "AccessKeyId");
  found.secret_key = Secret(loose_text(answer, "SecretAccessKey"));
  found.session_token = Secret(loose_text(answer, "Token"));
  found.expires = parse_timestamp(loose_text(answer, "Expiration"));
  found.source = source;
  if (found.access_key.empty() || found.secret_key.empty()) {
    throw FleetError(
        fmt::format("credentials: {} answered without AccessKeyId and SecretAccessKey", source));
  }
  return found;
}

// Only where nobody but this host or the container's agent can listen.
bool is_local_url(const std::string& url) {
  if (url.starts_with("https://") || is_loopback_url(url)) return true;
  for (const char* agent :
       {"http://169.254.170.2", "http://169.254.170.23", "http://[fd00:ec2::23]"}) {
    if (!url.starts_with(agent)) continue;
    const std::string_view rest = std::string_view(url).substr(std::string_view(agent).size());
    if (rest.empty() || rest[0] == '/' || rest[0] == ':') return true;
  }
  return false;
}

std::optional<Credentials> from_container(const EnvironmentVariables& environment) {
  std::string url;
  if (const auto relative = environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")) {
    url = "http://169.254.170.2" + *relative;
  } else if (const auto full = environment("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
    url = *full;
  } else {
    return std::nullopt;
  }
  if (!is_local_url(url)) {
    throw FleetError(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI: expected https, or http to loopback or "
        "the container's agent");
  }
  HttpRequest request = local_request(url);
  std::string authorization = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
  if (const auto file = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
    std::ifstream in(*file);
    if (!in) throw FleetError("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: cannot read " + *file);
    authorization.assign(std::istreambuf_iterator<char>(in), {});
    while (!authorization.empty() &&
           (authorization.back() == '\n' || authorization.back() == '\r')) {
      authorization.pop_back();
    }
  }
  if (!authorization.empty()) request.headers.push_back("Authorization: " + authorization);
  const HttpResponse response = fetch(request);
  if (response.status != 200) {
    throw FleetError(fmt::format("credentials: the container's endpoint {}",
                                 response.status ? fmt::format("answered {}", response.status)
                                                 : "did not answer: " + response.error));
  }
  return parse_answer(response.body, "the container's endpoint");
}

std::optional<Credentials> from_instance(const EnvironmentVariables& environment) {
  if (environment("AWS_EC2_METADATA_DISABLED").value_or("") == "true") return std::nullopt;
  const std::string base =
      environment("AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or("http://169.254.169.254");
  const std::string root = base.ends_with('/') ? base.substr(0, base.size() - 1) : base;
  HttpRequest token = local_request(root + "/latest/api/token");
  token.method = "PUT";
  token.headers = {"X-aws-ec2-metadata-token-ttl-seconds: 21600"};
  const HttpResponse granted = fetch(token);
  if (granted.status != 200) return std::nullopt;

  const std::string folder = root + "/latest/meta-data/iam/security-credentials/";
  HttpRequest role = local_request(folder);
  role.headers = {"X-aws-ec2-metadata-token: " + granted.body};
  const HttpResponse named = fetch(role);
  if (named.status == 404 || named.body.empty()) {
    throw FleetError(
        "credentials: this instance has no role; attach one that may invoke the "
        "function, or " +
        std::string(kRemedy));
  }
  role.url = folder + named.body.substr(0, named.body.find('\n'));
  const HttpResponse answer = named.status == 200 ? fetch(role) : named;
  if (answer.status != 200) {
    throw FleetError(
        fmt::format("credentials: the instance's metadata answered {}", answer.status));
  }
  return parse_answer(answer.body, "the instance's role");
}

}  // namespace

EnvironmentVariables process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (!value || !*value) return std::nullopt;
    return std::string(value);
  };
}

Credentials find_credentials(const EnvironmentVariables& environment) {
  forbid_core_dumps();
  for (const auto source : {from_environment, from_profile, from_container, from_instance}) {
    if (std::optional<Credentials> found = source(environment)) return std::move(*found);
  }
  const Profile profile = read_profile(environment);
  throw FleetError(fmt::format(
      "credentials: none found in the environment, in profile {} of {} or {}, at a container's "
      "endpoint, or in the instance's metadata; {}",
      profile.name, profile.credentials_file, profile.config_file, kRemedy));
}

std::string find_region(const std::string& option, const EnvironmentVariables& environment) {
  std::string region = option;
  if (region.empty()) region = environment("AWS_REGION").value_or("");
  if (region.empty()) region = environment("AWS_DEFAULT_REGION").value_or("");
  if (region.empty()) region = read_profile(environment).value("region");
  if (region.empty()) {
    throw Error(
        "--region: none given, and none in AWS_REGION, AWS_DEFAULT_REGION or the profile; "
        "expected for example us-east-1");
  }
  for (const char c : region) {
    if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') {
      throw Error(fmt::format("--region {}: expected small letters, digits and -", region));
    }
  }
  return region;
}

std::string find_endpoint(const std::string& option, const EnvironmentVariables& environment) {
  if (!option.empty()) return option;
  return environment("AWS_ENDPOINT_URL_LAMBDA")
      .value_or(environment("AWS_ENDPOINT_URL").value_or(""));
}

std::optional<std::chrono::system_clock::time_point> parse_timestamp(const std::string& text) {
  std::tm tm{};
  int length = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
                  &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &length) != 6 ||
      !text.ends_with('Z')) {
    return std::nullopt;
  }
  tm.tm_year -= 1900;
  tm.tm_mon -= 1;
  return std::chrono::system_clock::from_time_t(::timegm(&tm));
}

}  // namespace laggard
