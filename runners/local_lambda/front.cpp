#include "runners/local_lambda/front.hpp"

#include "runners/local_lambda/identifiers.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <boost/json.hpp>

namespace laggard::local {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostPayload = 6 << 20, kMostEventPayload = 256 << 10;  // bytes
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

HttpReply json_reply(int status, const json::object& body) {
  return {status, {{"Content-Type", "application/json"}}, json::serialize(body)};
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

}  // namespace

FunctionName parse_function_name(std::string_view text) {
  const std::string whole = percent_decode(text);
  std::string_view rest = whole;
  const std::size_t marker = rest.find("function:");
  const bool is_arn = marker != std::string_view::npos && marker > 0 && rest[marker - 1] == ':';
  if (is_arn) rest.remove_prefix(marker + 9);
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return {std::string(rest), ""};
  return {std::string(rest.substr(0, colon)), std::string(rest.substr(colon + 1))};
}

Front::Front(boost::asio::io_context& io, const LocalLambdaOptions& options, Log& log, Meter& meter)
    : options_(options),
      log_(log),
      meter_(meter),
      identity_{options.access_key, options.secret_key, options.region, "lambda"},
      service_(io, options, log, meter),
      server_(io, {.listen = options.listen, .read_timeout = std::chrono::minutes(1)},
              [this](HttpRequest request, HttpRespond respond) {
                serve(std::move(request), std::move(respond));
              }) {}

std::string Front::arn() const {
  return fmt::format("arn:aws:lambda:{}:000000000000:function:{}", options_.region,
                     options_.function);
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
  const std::string target(call.request.path());  // `call` is moved on
  const std::string& method = call.request.method;
  if (const auto name = segment(target, kFunctions, "/invocations"); name && method == "POST") {
    return invoke(std::move(call), *name);
  }
  if (const auto name = segment(target, kFunctions, "/configuration"); name && method == "GET") {
    return describe(call, *name);
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
  if (name.name == options_.function && (qualifier.empty() || qualifier == "$LATEST")) return true;
  refuse(call, 404, "ResourceNotFoundException",
         fmt::format("Function not found: arn:aws:lambda:{}:000000000000:function:{}{}{}",
                     options_.region, name.name, qualifier.empty() ? "" : ":", qualifier));
  return false;
}

void Front::describe(const Call& call, std::string_view function) {
  if (!is_known(call, function)) return;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(options_.timeout).count();
  reply(call, json_reply(200, {{"FunctionName", options_.function},
                               {"FunctionArn", arn()},
                               {"Version", "$LATEST"},
                               {"Handler", "bootstrap"},
                               {"Runtime", "provided.al2023"},
                               {"Architectures", json::array{"x86_64"}},
                               {"PackageType", "Zip"},
                               {"Timeout", seconds},
                               {"MemorySize", static_cast<std::int64_t>(options_.memory_mb)},
                               {"State", "Active"},
                               {"LastUpdateStatus", "Successful"}}));
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
  Job job{call.id, std::move(call.request.body), arn(), {}};
  if (event) {
    if (service_.invoke_event(std::move(job))) return reply(call, {202, {}, ""});
    return refuse(call, 429, "TooManyRequestsException", "Rate Exceeded.",
                  "CallerRateLimitExceeded");
  }
  service_.invoke(std::move(job), [this, call = std::move(call)](Attempt attempt) {
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
