#include "runners/local_lambda/front.hpp"

#include "runners/channels/open_files.hpp"
#include "runners/channels/tls/address.hpp"
#include "runners/local_lambda/identifiers.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

namespace laggard::local {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostPayload = 6 << 20, kMostEventPayload = 1 << 20;  // bytes
constexpr std::string_view kAccount = "000000000000";
constexpr std::string_view kFunctions = "/2015-03-31/functions/";
constexpr std::string_view kConcurrency = "/2019-09-30/functions/";

std::string base64(const std::string& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// What is between `prefix` and `suffix`, if that is one segment of a path.
std::optional<std::string_view> segment(std::string_view path, std::string_view prefix,
                                        std::string_view suffix) {
  if (!path.starts_with(prefix) || !path.ends_with(suffix)) return std::nullopt;
  if (path.size() <= prefix.size() + suffix.size()) return std::nullopt;
  path = path.substr(prefix.size(), path.size() - prefix.size() - suffix.size());
  return path.find('/') == std::string_view::npos ? std::optional(path) : std::nullopt;
}

bool is_json(const std::string& text) {
  boost::system::error_code failure;
  json::stream_parser parser;
  parser.write(text, failure);
  if (!failure) parser.finish(failure);
  return !failure;
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view item = query.substr(0, query.find('&'));
    const std::size_t equals = item.find('=');
    if (equals != std::string_view::npos && item.substr(0, equals) == name) {
      return percent_decode(item.substr(equals + 1));
    }
    query.remove_prefix(std::min(item.size() + 1, query.size()));
  }
  return "";
}

// From other machines anybody may call who has the key.
HttpServerOptions server_options(const LocalLambdaOptions& options) {
  HttpServerOptions server;
  server.listen = options.listen;
  server.body_limit = kMostPayload;
  server.read_timeout = std::chrono::minutes(1);
  server.own_user_only = parse_endpoint(options.listen, "--listen").address().is_loopback();
  server.most_connections = static_cast<std::size_t>(std::max(most_open_files() / 8, 16));
  return server;
}

}  // namespace

FunctionName parse_function_name(std::string_view text) {
  FunctionName read;
  const std::string whole = percent_decode(text);
  std::string_view rest = whole;
  const std::size_t marker = rest.find("function:");
  if (marker != std::string_view::npos && marker > 0 && rest[marker - 1] == ':') {
    const std::string_view before = rest.substr(0, marker - 1);  // [arn:aws:lambda:REGION:]ACCOUNT
    const std::size_t colon = before.rfind(':');
    read.account = before.substr(colon == before.npos ? 0 : colon + 1);
    if (colon != before.npos) {
      const std::string_view left = before.substr(0, colon);
      read.region = left.substr(left.rfind(':') + 1);  // the whole where there is no colon
    }
    rest.remove_prefix(marker + 9);
  }
  const std::size_t colon = rest.find(':');
  read.name = rest.substr(0, colon);
  if (colon != std::string_view::npos) read.qualifier = rest.substr(colon + 1);
  return read;
}

Front::Front(boost::asio::io_context& io, const LocalLambdaOptions& options, Log& log, Meter& meter)
    : options_(options),
      log_(log),
      meter_(meter),
      identity_{options.access_key, options.secret_key, options.region, "lambda",
                options.session_token},
      service_(io, options, log, meter),
      server_(
          io, server_options(options),
          [this](HttpRequest request, HttpRespond respond) {
            serve(std::move(request), std::move(respond));
          },
          [this](const HttpRequest& head) { return admit(head); }) {}

std::string Front::arn() const {
  return fmt::format("arn:aws:lambda:{}:{}:function:{}", options_.region, kAccount,
                     options_.function);
}

// Who cannot have signed it need not send its body.
std::optional<HttpReply> Front::admit(const HttpRequest& head) {
  const auto why = check_signed_head(head, identity_, std::chrono::system_clock::now());
  if (!why) return std::nullopt;
  std::optional<HttpReply> answer;
  const Call call{head, make_uuid(), [&answer](HttpReply reply) { answer = std::move(reply); }};
  refuse(call, 403, why->type, why->message);
  return answer;
}

void Front::serve(HttpRequest request, HttpRespond respond) {
  Call call{std::move(request), make_uuid(), std::move(respond)};
  if (call.request.too_large) {
    return refuse(call, 413, "RequestTooLargeException",
                  fmt::format("Request must be smaller than {} bytes for the InvokeFunction "
                              "operation",
                              kMostPayload));
  }
  const auto refusal = check_signature(call.request, identity_, std::chrono::system_clock::now());
  if (refusal) return refuse(call, 403, refusal->type, refusal->message);
  route(std::move(call));
}

void Front::route(Call call) {
  std::string target(call.request.path());  // `call` is moved on
  if (target.ends_with('/')) target.pop_back();
  const std::string& method = call.request.method;
  if (const auto name = segment(target, kFunctions, "/invocations"); name && method == "POST") {
    return invoke(std::move(call), *name);
  }
  if (const auto name = segment(target, kFunctions, "/configuration"); name && method == "GET") {
    return describe(call, *name);
  }
  if (const auto name = segment(target, kFunctions, ""); name && method == "GET") {
    if (!is_known(call, *name)) return;
    return reply(call, json_reply(200, {{"Configuration", configuration()}}));
  }
  if (const auto name = segment(target, kConcurrency, "/concurrency"); name && method == "GET") {
    if (!is_known(call, *name)) return;
    json::object body;
    const int reserved = options_.reserved_concurrency;
    if (reserved > 0) body["ReservedConcurrentExecutions"] = reserved;
    return reply(call, json_reply(200, body));
  }
  if (target == "/2016-08-19/account-settings" && method == "GET") {
    const json::object limit = {
        {"ConcurrentExecutions", options_.concurrency},
        {"UnreservedConcurrentExecutions", options_.concurrency - options_.reserved_concurrency}};
    return reply(call, json_reply(200, {{"AccountLimit", limit}}));
  }
  refuse(call, 404, "UnknownOperationException", fmt::format("no operation {} {}", method, target));
}

bool Front::is_known(const Call& call, std::string_view function) {
  const FunctionName name = parse_function_name(function);
  std::string qualifier = name.qualifier;
  if (qualifier.empty()) qualifier = query_value(call.request.query(), "Qualifier");
  if (!name.account.empty() && name.account != kAccount) {
    refuse(call, 403, "AccessDeniedException",
           fmt::format("this endpoint's account is {}, not {}", kAccount, name.account));
    return false;
  }
  if (!name.region.empty() && name.region != options_.region) {
    refuse(call, 404, "ResourceNotFoundException",
           fmt::format("Functions from '{}' are not reachable in this region ('{}')", name.region,
                       options_.region));
    return false;
  }
  if (name.name == options_.function && (qualifier.empty() || qualifier == "$LATEST")) return true;
  refuse(call, 404, "ResourceNotFoundException",
         fmt::format("Function not found: arn:aws:lambda:{}:{}:function:{}{}{}", options_.region,
                     kAccount, name.name, qualifier.empty() ? "" : ":", qualifier));
  return false;
}

void Front::describe(const Call& call, std::string_view function) {
  if (is_known(call, function)) reply(call, json_reply(200, configuration()));
}

json::object Front::configuration() const {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(options_.timeout).count();
  return {{"FunctionName", options_.function},
          {"FunctionArn", arn()},
          {"Version", "$LATEST"},
          {"Handler", "bootstrap"},
          {"Runtime", "provided.al2023"},
          {"Architectures", json::array{"x86_64"}},
          {"PackageType", "Zip"},
          {"Timeout", seconds},
          {"MemorySize", static_cast<std::int64_t>(options_.memory_mb)},
          {"State", "Active"},
          {"LastUpdateStatus", "Successful"}};
}

void Front::invoke(Call call, std::string_view function) {
  meter_.update([](LocalLambdaMeter& meter) { ++meter.requests; });
  if (!is_known(call, function)) return;
  std::string type(call.request.header("x-amz-invocation-type"));
  if (type.empty()) type = "RequestResponse";
  const bool event = type == "Event";
  if (!event && type != "RequestResponse" && type != "DryRun") {
    return refuse(call, 400, "InvalidParameterValueException",
                  "X-Amz-Invocation-Type: expected RequestResponse, Event or DryRun");
  }
  const std::size_t most = event ? kMostEventPayload : kMostPayload;
  if (call.request.body.size() > most) {
    return refuse(call, 413, "RequestTooLargeException",
                  fmt::format("{} byte payload is too large for the {} invocation type (limit {} "
                              "bytes)",
                              call.request.body.size(), type, most));
  }
  if (call.request.body.empty()) call.request.body = "{}";
  if (!is_json(call.request.body)) {
    return refuse(call, 400, "InvalidRequestContentException",
                  "Could not parse request body into json.");
  }
  if (type == "DryRun") return reply(call, {204, {}, ""});
  Invocation invocation{call.id, std::move(call.request.body), arn(), {}};
  if (event) {
    if (service_.invoke_event(std::move(invocation))) return reply(call, {202, {}, ""});
    return refuse(call, 429, "TooManyRequestsException", "Rate Exceeded.",
                  "CallerRateLimitExceeded");
  }
  service_.invoke(std::move(invocation), [this, call = std::move(call)](Attempt attempt) {
    reply_attempt(call, std::move(attempt));
  });
}

void Front::reply_attempt(const Call& call, Attempt attempt) {
  if (!attempt.throttle_reason.empty()) {
    return refuse(call, 429, "TooManyRequestsException", "Rate Exceeded.", attempt.throttle_reason);
  }
  if (attempt.service_error) {
    const std::string& why = attempt.outcome.payload;
    return refuse(call, 500, "ServiceException", why.empty() ? "internal error on purpose" : why);
  }
  HttpReply answer{200, {{"Content-Type", "application/json"}}, std::move(attempt.outcome.payload)};
  answer.headers.emplace_back("X-Amz-Executed-Version", "$LATEST");
  if (attempt.outcome.failed) answer.headers.emplace_back("X-Amz-Function-Error", "Unhandled");
  if (call.request.header("x-amz-log-type") == "Tail") {
    answer.headers.emplace_back("X-Amz-Log-Result", base64(attempt.outcome.log_tail));
  }
  reply(call, std::move(answer));
}

void Front::refuse(const Call& call, int status, std::string_view type, const std::string& message,
                   std::string_view reason) {
  json::object body;
  if (!reason.empty()) body["Reason"] = reason;
  if (status != 403) body["Type"] = status >= 500 ? "Service" : "User";
  body[status == 403 || status == 429 ? "message" : "Message"] = message;
  HttpReply refusal = json_reply(status, body);
  refusal.headers.emplace_back("x-amzn-ErrorType", type);
  if (status == 429) refusal.headers.emplace_back("Retry-After", "1");
  reply(call, std::move(refusal));
}

void Front::reply(const Call& call, HttpReply reply) {
  log_.line(
      fmt::format("{} {} {} {}", call.id, call.request.method, call.request.path(), reply.status));
  reply.headers.emplace_back("x-amzn-RequestId", call.id);
  call.respond(std::move(reply));
}

}  // namespace laggard::local
