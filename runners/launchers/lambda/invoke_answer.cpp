#include "runners/launchers/lambda/invoke_answer.hpp"

#include "core/io/json_fields.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <vector>

namespace laggard {
namespace {

struct FunctionError {
  std::string type, message;
};

FunctionError function_error(const std::string& body) {
  const auto object = loose_object(body);
  return {one_line(loose_text(object, "errorType")), one_line(loose_text(object, "errorMessage"))};
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// Why starting another worker will not help; empty where it may.
std::string hopeless(const FunctionError& error, const InvokeContext& context) {
  const std::string function = context.address.text();
  if (contains(error.message, "exec format error")) {
    return fmt::format(
        "--function {}: its architecture is not that of the worker; expected x86_64 "
        "(deploy/README.md)",
        function);
  }
  if (error.type == "Runtime.InvalidEntrypoint") {
    return fmt::format(
        "--function {}: its package holds no bootstrap that can be run ({}); deploy "
        "the lambda_zip of this build for x86_64",
        function, error.message);
  }
  if (error.type == "Laggard.OlderWorker" || error.type == "Laggard.NewerWorker" ||
      error.type == "Laggard.BadAssignment") {
    return fmt::format(
        "--function {}: its worker does not fit this runner ({}: {}); deploy the "
        "lambda_zip of this build",
        function, error.type, error.message);
  }
  if (error.type == "Laggard.WrongCertificate" && !context.any_connected) {
    return fmt::format(
        "--advertise {}: somebody else answers there ({}); expected an address and port that lead "
        "to "
        "this coordinator",
        context.connect, error.message);
  }
  if (error.type == "Laggard.Unreachable" && !context.any_connected) {
    return fmt::format(
        "--advertise {}: workers cannot reach it ({}); expected an address and port "
        "that the function's network has a way to and no firewall stops",
        context.connect, error.message);
  }
  return "";
}

InvokeAnswer read_function_error(const HttpResponse& response, const InvokeContext& context) {
  InvokeAnswer answer;
  const FunctionError error = function_error(response.body);
  answer.end.failed = true;
  answer.end.why = hopeless(error, context);
  answer.end.hopeless = !answer.end.why.empty();
  if (answer.end.hopeless) return answer;
  const bool timed_out =
      error.type == "Sandbox.Timedout" || contains(error.message, "Task timed out after");
  answer.end.why = timed_out ? "the function timed out"
                   : error.type.empty()
                       ? "the function failed"
                       : fmt::format("the function failed: {}: {}", error.type, error.message);
  answer.ended_by_itself = contains(error.message, "exited without providing a reason") ||
                           contains(error.message, "exit status");
  if (contains(error.message, "signal: killed"))
    answer.end.why +=
        context.kills_asked
            ? " (as --faults asks)"
            : " (most often for want of memory: give the function more, --memory-mb on local)";
  return answer;
}

// 429, and 5xx that say that nothing was started.
InvokeAnswer read_refusal(const HttpResponse& response, const ServiceError& error) {
  InvokeAnswer answer;
  answer.not_started = true;
  answer.end.failed = true;
  answer.end.throttled = response.status == 429;
  answer.no_room = answer.end.throttled && contains(error.reason, "ConcurrentInvocationLimit");
  answer.end.why = fmt::format("the service answered {} {}{}{}", response.status, error.type,
                               error.reason.empty() ? "" : ", " + error.reason,
                               error.message.empty() ? "" : ": " + error.message);
  const std::string after = response.header("retry-after");
  int seconds = 0;
  std::from_chars(after.data(), after.data() + after.size(), seconds);
  answer.end.retry_after = std::chrono::seconds(std::clamp(seconds, 0, 60));
  return answer;
}

}  // namespace

std::string remedy(int status, const ServiceError& error, const FunctionAddress& address) {
  const std::string said = fmt::format("{} {}: {}", status, error.type, error.message);
  if (error.type == "ResourceNotFoundException" || status == 404) {
    return fmt::format(
        "--function {}: there is none ({}); check the name, --region and the "
        "account, or deploy it (deploy/README.md)",
        address.text(), said);
  }
  if (error.type == "ExpiredTokenException" || contains(error.message,
                                                        "token included in the "
                                                        "request is expired")) {
    return fmt::format(
        "credentials: they have expired ({}); get new ones, for example by "
        "`aws sso login` or `aws configure export-credentials`",
        said);
  }
  if (contains(error.message, "Signature expired") ||
      contains(error.message, "Signature not yet current")) {
    return fmt::format(
        "credentials: the signature's time is refused ({}); set this machine's "
        "clock",
        said);
  }
  if (error.type == "InvalidSignatureException" || error.type == "SignatureDoesNotMatch" ||
      error.type == "IncompleteSignatureException") {
    return fmt::format(
        "credentials: the signature is refused ({}); check the secret key, and that "
        "--region {} is that of --endpoint {}",
        said, address.region, address.endpoint);
  }
  if (error.type == "UnrecognizedClientException" || error.type == "InvalidClientTokenId" ||
      error.type == "MissingAuthenticationTokenException") {
    return fmt::format(
        "credentials: the service does not know them ({}); check the access key, "
        "and that --region {} is enabled for its account",
        said, address.region);
  }
  if (error.type == "AccessDeniedException" || status == 403 || status == 401) {
    return fmt::format(
        "--function {}: these credentials may not do this ({}); attach the invoke "
        "policy that deploy/ makes",
        address.text(), said);
  }
  // 502 is also for a function that cannot run at all.
  for (const char* type :
       {"InvalidRuntimeException", "InvalidZipFileException", "InvalidSecurityGroupIDException",
        "InvalidSubnetIDException", "KMSAccessDeniedException", "KMSDisabledException",
        "KMSInvalidStateException", "KMSNotFoundException"}) {
    if (error.type == type) {
      return fmt::format("--function {}: it cannot run ({}); deploy it again", address.text(),
                         said);
    }
  }
  if (status == 409 || status == 429 || status >= 500) return "";
  return fmt::format("--function {}: the request is refused ({}); check --endpoint {}",
                     address.text(), said, address.endpoint);
}

InvokeAnswer read_answer(const HttpResponse& response, const InvokeContext& context) {
  InvokeAnswer answer;
  answer.end.failed = true;
  if (response.status == 0) {
    answer.not_started = !response.sent;
    answer.end.why = response.sent ? "no answer from the service: " + one_line(response.error)
                                   : fmt::format("--endpoint {}: {}", context.address.endpoint,
                                                 one_line(response.error));
    return answer;
  }
  if (response.status >= 200 && response.status < 300) {
    if (response.header("x-amz-function-error").empty()) {
      answer.end.failed = false;
    } else {
      answer = read_function_error(response, context);
    }
    answer.billing = read_billing(response.header("x-amz-log-result"));
  } else {
    const ServiceError error = service_error(response);
    answer.end.why = remedy(response.status, error, context.address);
    answer.end.hopeless = !answer.end.why.empty();
    answer.refresh = response.status == 403 && answer.end.why.starts_with("credentials: they have");
    if (answer.end.hopeless) {
      answer.not_started = true;
    } else {
      answer = read_refusal(response, error);
    }
  }
  answer.reached_service = true;
  return answer;
}

std::optional<Billing> read_billing(const std::string& log_result) {
  std::string log(log_result.size() / 4 * 3 + 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(log.data()),
                                   reinterpret_cast<const unsigned char*>(log_result.data()),
                                   static_cast<int>(log_result.size()));
  if (size <= 0) return std::nullopt;
  log.resize(static_cast<std::size_t>(size));
  const std::size_t start = log.rfind("REPORT RequestId:");
  if (start == log.npos) return std::nullopt;
  const std::string line = log.substr(start, log.find('\n', start) - start);
  const auto number = [&line](std::string_view name) -> std::optional<double> {
    const std::size_t at = line.find(name);
    if (at == line.npos) return std::nullopt;
    const char* text = line.c_str() + at + name.size();
    char* end = nullptr;
    const double value = std::strtod(text, &end);
    return end == text || !(value >= 0 && value < 1e9) ? std::nullopt : std::optional(value);
  };
  const auto billed = number("\tBilled Duration: ");
  const auto memory = number("\tMemory Size: ");
  if (!billed || !memory) return std::nullopt;
  return Billing{*billed / 1000, *memory};
}

}  // namespace laggard
