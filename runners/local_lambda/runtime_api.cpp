#include "runners/local_lambda/http.hpp"
#include "runners/local_lambda/identifiers.hpp"
#include "runners/local_lambda/runtime.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>
#include <map>

namespace laggard::local {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostResponse = 6 << 20;  // bytes
constexpr std::string_view kRuntime = "/2018-06-01/runtime/";
constexpr std::string_view kExtension = "/2020-01-01/extension/";

HttpReply refusal(int status, std::string_view type, std::string_view message) {
  return json_reply(status, {{"errorType", type}, {"errorMessage", message}});
}

HttpReply accepted() { return json_reply(202, {{"status", "OK"}}); }

class RuntimeApi : public Runtime {
 public:
  RuntimeApi(boost::asio::io_context& io, const LocalLambdaOptions& options, Events events)
      : options_(options),
        events_(std::move(events)),
        server_(io, {.own_user_only = true}, [this](HttpRequest request, HttpRespond respond) {
          serve(request, std::move(respond));
        }) {}

  std::vector<std::string> command() const override { return {options_.worker.string()}; }
  std::vector<std::string> variables() const override {
    return {"AWS_LAMBDA_RUNTIME_API=" + server_.address()};
  }
  void started() override {}
  bool has_extension() const override { return !extensions_.empty(); }
  bool may_freeze() const override { return true; }

  void offer(const Offer& offer) override {
    current_ = offer.request_id;
    open_ = true;
    ready_ = false;
    const auto next = std::exchange(next_, nullptr);
    const HttpHeaders headers = {{"Content-Type", "application/json"},
                                 {"Lambda-Runtime-Aws-Request-Id", offer.request_id},
                                 {"Lambda-Runtime-Deadline-Ms", std::to_string(offer.deadline_ms)},
                                 {"Lambda-Runtime-Invoked-Function-Arn", offer.function_arn},
                                 {"Lambda-Runtime-Trace-Id", offer.trace_id}};
    next({200, headers, offer.payload});
    const json::object event = {{"eventType", "INVOKE"},
                                {"deadlineMs", offer.deadline_ms},
                                {"requestId", offer.request_id},
                                {"invokedFunctionArn", offer.function_arn}};
    for (auto& [id, extension] : extensions_) {
      if (!extension.wants_invocations) continue;
      if (const auto waits = std::exchange(extension.waits, nullptr)) waits(json_reply(200, event));
    }
  }

 private:
  struct Extension {
    bool wants_invocations = false;
    HttpRespond waits;
  };

  void serve(const HttpRequest& request, HttpRespond respond) {
    const std::string_view path = request.path();
    if (path.starts_with(kRuntime)) {
      serve_runtime(request, path.substr(kRuntime.size()), std::move(respond));
    } else if (path.starts_with(kExtension)) {
      serve_extension(request, path.substr(kExtension.size()), std::move(respond));
    } else {
      respond(refusal(404, "NotFound", "no such resource"));
    }
  }

  void serve_runtime(const HttpRequest& request, std::string_view what, HttpRespond respond) {
    if (request.method == "GET" && what == "invocation/next") return next(std::move(respond));
    if (request.method == "POST" && what == "init/error") return init_error(request, respond);
    const std::size_t slash = what.find('/', 11);
    if (request.method != "POST" || !what.starts_with("invocation/") ||
        slash == std::string_view::npos) {
      return respond(refusal(404, "NotFound", "no such resource"));
    }
    const std::string_view id = what.substr(11, slash - 11), verb = what.substr(slash + 1);
    if (verb != "response" && verb != "error") {
      return respond(refusal(404, "NotFound", "no such resource"));
    }
    if (!open_ || id != current_) {
      return respond(refusal(400, "InvalidRequestID", "Invalid request ID"));
    }
    open_ = false;
    if (request.too_large || request.body.size() > kMostResponse) {
      respond(refusal(413, "RequestEntityTooLarge", "the response is larger than 6 MB"));
      json::object error = {{"errorType", "Function.ResponseSizeTooLarge"},
                            {"errorMessage",
                             "Response payload size exceeded maximum allowed payload size "
                             "(6291556 bytes)."}};
      return events_.answered({json::serialize(error), true, false});
    }
    respond(accepted());
    events_.answered({request.body, verb == "error", false});
  }

  void next(HttpRespond respond) {
    if (open_) {
      return respond(refusal(403, "InvalidStateTransition",
                             "the invocation under way is to be answered first"));
    }
    if (next_)
      return respond(
          refusal(403, "InvalidStateTransition", "the next invocation is waited for already"));
    next_ = std::move(respond);
    tell_if_ready();
  }

  void init_error(const HttpRequest& request, const HttpRespond& respond) {
    if (initialised_) {
      return respond(refusal(403, "InvalidStateTransition", "the initialisation is over"));
    }
    respond(accepted());
    events_.init_failed(request.body);
  }

  void serve_extension(const HttpRequest& request, std::string_view what, HttpRespond respond) {
    if (request.method == "POST" && what == "register") return enroll(request, respond);
    if (request.method != "GET" || what != "event/next") {
      return respond(refusal(404, "NotFound", "no such resource"));
    }
    const auto found = extensions_.find(request.header("lambda-extension-identifier"));
    if (found == extensions_.end()) {
      return respond(refusal(403, "Extension.UnknownExtensionIdentifier",
                             "Lambda-Extension-Identifier is missing or unknown"));
    }
    found->second.waits = std::move(respond);
    tell_if_ready();
  }

  // Extensions from within the function's process may ask for INVOKE, not for SHUTDOWN.
  void enroll(const HttpRequest& request, const HttpRespond& respond) {
    if (initialised_) {
      return respond(refusal(403, "Extension.RegistrationClosed", "the initialisation is over"));
    }
    if (request.header("lambda-extension-name").empty()) {
      return respond(
          refusal(400, "Extension.InvalidExtensionName", "Lambda-Extension-Name is missing"));
    }
    Extension extension;
    boost::system::error_code failure;
    const json::value body = json::parse(request.body.empty() ? "{}" : request.body, failure);
    const json::value* events = body.is_object() ? body.as_object().if_contains("events") : nullptr;
    if (failure || !body.is_object() || (events && !events->is_array())) {
      return respond(refusal(400, "InvalidRequestFormat", "expected {\"events\": [...]}"));
    }
    for (const json::value& event : events ? events->as_array() : json::array()) {
      if (event != "INVOKE") {
        return respond(refusal(403, "ShutdownEventNotSupportedForInternalExtension",
                               "internal extensions may only register for INVOKE"));
      }
      extension.wants_invocations = true;
    }
    const std::string id = make_uuid();
    extensions_.emplace(id, std::move(extension));
    HttpReply reply = json_reply(200, {{"functionName", options_.function},
                                       {"functionVersion", "$LATEST"},
                                       {"handler", "bootstrap"}});
    reply.headers.emplace_back("Lambda-Extension-Identifier", id);
    respond(std::move(reply));
  }

  // Ready once the runtime and every extension wait, as on Lambda.
  void tell_if_ready() {
    if (ready_ || open_ || !next_) return;
    for (const auto& [id, extension] : extensions_) {
      if (!extension.waits) return;
    }
    ready_ = initialised_ = true;
    events_.ready();
  }

  LocalLambdaOptions options_;
  Events events_;
  std::string current_;
  bool open_ = false;         // `current_` was offered and is not answered
  bool ready_ = false;        // told
  bool initialised_ = false;  // was ready at least once
  HttpRespond next_;
  std::map<std::string, Extension, std::less<>> extensions_;
  HttpServer server_;
};

}  // namespace

std::unique_ptr<Runtime> make_runtime_api(boost::asio::io_context& io,
                                          const LocalLambdaOptions& options,
                                          Runtime::Events events) {
  return std::make_unique<RuntimeApi>(io, options, std::move(events));
}

}  // namespace laggard::local
