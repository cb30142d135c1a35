#include "runners/launchers/lambda/service_api.hpp"

#include "core/io/error.hpp"
#include "core/io/json_fields.hpp"
#include "runners/launchers/lambda/curl_transfer.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>

namespace laggard {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestName = 140;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

HttpRequest request_to(const FunctionAddress& address, const Credentials& credentials,
                       const std::string& path) {
  HttpRequest request;
  request.url = address.endpoint + path;
  request.region = address.region;
  request.credentials = credentials;
  return request;
}

// A ':' in the path would be signed wrongly by libcurl 7.88; the service takes this as well.
std::string with_qualifier(const FunctionAddress& address, std::string path) {
  if (address.qualifier.empty()) return path;
  return path + "?Qualifier=" + (address.qualifier == "$LATEST" ? "%24LATEST" : address.qualifier);
}

HttpRequest invocation(const FunctionAddress& address, const Credentials& credentials) {
  HttpRequest request =
      request_to(address, credentials,
                 with_qualifier(address, "/2015-03-31/functions/" + address.name + "/invocations"));
  request.method = "POST";
  request.headers = {"Content-Type: application/json"};
  return request;
}

}  // namespace

std::string FunctionAddress::text() const {
  return fmt::format("{}{}{} in {}", name, qualifier.empty() ? "" : ":", qualifier, region);
}

FunctionAddress function_address(const std::string& function, const std::string& region,
                                 const std::string& endpoint) {
  FunctionAddress address;
  const std::size_t colon = function.find(':');
  address.name = function.substr(0, colon);
  if (colon != function.npos) address.qualifier = function.substr(colon + 1);
  const auto is_name = [](const std::string& text) {
    return !text.empty() && text.size() <= kLongestName &&
           std::all_of(text.begin(), text.end(), is_name_character);
  };
  const bool is_qualifier = address.qualifier == "$LATEST" || is_name(address.qualifier);
  if (!is_name(address.name) || (colon != function.npos && !is_qualifier)) {
    throw Error(
        fmt::format("--function {}: expected NAME or NAME:VERSION of the account whose "
                    "credentials are used, not an ARN",
                    one_line(function)));
  }
  address.region = region;
  address.endpoint = endpoint.empty() ? fmt::format("https://lambda.{}.amazonaws.com{}", region,
                                                    region.starts_with("cn-") ? ".cn" : "")
                                      : endpoint;
  while (address.endpoint.ends_with('/')) address.endpoint.pop_back();
  const bool is_https = address.endpoint.starts_with("https://");
  if (!is_https && !address.endpoint.starts_with("http://")) {
    throw Error(
        fmt::format("--endpoint {}: expected a URL that begins with https://", one_line(endpoint)));
  }
  if (address.endpoint.find_first_of("@?# ") != address.endpoint.npos) {
    throw Error("--endpoint: expected SCHEME://HOST[:PORT], without a user, a query or blanks");
  }
  if (!is_https && !is_loopback_url(address.endpoint)) {
    throw Error(
        fmt::format("--endpoint {}: http would show the workers' tokens to the network; "
                    "expected https, or a loopback address",
                    one_line(endpoint)));
  }
  return address;
}

HttpRequest invoke_request(const FunctionAddress& address, const Credentials& credentials,
                           const std::string& payload) {
  HttpRequest request = invocation(address, credentials);
  request.headers.push_back("X-Amz-Invocation-Type: RequestResponse");
  request.headers.push_back("X-Amz-Log-Type: Tail");
  request.body = payload;
  return request;
}

HttpRequest dry_run_request(const FunctionAddress& address, const Credentials& credentials) {
  HttpRequest request = invocation(address, credentials);
  request.headers.push_back("X-Amz-Invocation-Type: DryRun");
  request.body = "{}";
  return request;
}

HttpRequest configuration_request(const FunctionAddress& address, const Credentials& credentials) {
  return request_to(
      address, credentials,
      with_qualifier(address, "/2015-03-31/functions/" + address.name + "/configuration"));
}

HttpRequest concurrency_request(const FunctionAddress& address, const Credentials& credentials) {
  return request_to(address, credentials, "/2019-09-30/functions/" + address.name + "/concurrency");
}

HttpRequest account_request(const FunctionAddress& address, const Credentials& credentials) {
  return request_to(address, credentials, "/2016-08-19/account-settings");
}

ServiceError service_error(const HttpResponse& response) {
  ServiceError error;
  error.type = response.header("x-amzn-errortype");
  const json::object object = loose_object(response.body);
  const auto text = [&object](std::initializer_list<const char*> keys) {
    for (const char* key : keys)
      if (std::string found = loose_text(object, key); !found.empty()) return found;
    return std::string();
  };
  if (error.type.empty()) error.type = text({"__type", "code", "Type"});
  // "ResourceNotFoundException:http://internal.amazon.com/..." and "namespace#Name"
  error.type = error.type.substr(0, error.type.find(':'));
  error.type = one_line(error.type.substr(error.type.rfind('#') + 1), 80);
  if (error.type == "User" || error.type == "Sender") error.type.clear();
  error.message = one_line(text({"message", "Message", "errorMessage"}));
  if (error.message.empty() && object.empty()) error.message = one_line(response.body, 120);
  error.reason = one_line(text({"Reason", "reason"}), 80);
  return error;
}

std::string one_line(std::string_view text, std::size_t most) {
  std::string line;
  for (const char c : text.substr(0, most)) {
    line += static_cast<unsigned char>(c) < ' ' || c == 127 ? ' ' : c;
  }
  if (text.size() > most) line += "...";
  return line;
}

}  // namespace laggard
