#include "runners/worker/runtime_api.hpp"

#include "core/io/error.hpp"
#include "runners/channels/tls/address.hpp"

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include <charconv>
#include <thread>

namespace laggard {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

constexpr const char* kVersion = "/2018-06-01/runtime";
constexpr std::uint64_t kMostPayload = 16 * 1024 * 1024;  // Lambda's own limit is 6 MB

Request make_request(http::verb verb, const std::string& target, std::string body) {
  Request request(verb, target, 11);
  request.body() = std::move(body);
  return request;
}

Response call(const std::string& address, Request request) {
  request.set(http::field::host, address);
  request.set(http::field::connection, "close");
  request.prepare_payload();
  const auto endpoint = parse_endpoint(address, "AWS_LAMBDA_RUNTIME_API");
  try {
    asio::io_context loop(1);
    beast::tcp_stream stream(loop);
    stream.connect(endpoint);
    http::write(stream, request);
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(kMostPayload);
    http::read(stream, buffer, parser);
    return parser.release();
  } catch (const boost::system::system_error& error) {
    throw Error(fmt::format("AWS_LAMBDA_RUNTIME_API: {}{}: {}", address,
                            std::string(request.target()), error.code().message()));
  }
}

void expect(const Response& response, unsigned status, std::string_view target) {
  if (response.result_int() != status)
    throw Error(fmt::format("AWS_LAMBDA_RUNTIME_API: {}: status {}; expected {}", target,
                            response.result_int(), status));
}

Request error_request(const std::string& target, std::string_view type, std::string_view message) {
  const boost::json::object body = {
      {"errorMessage", message}, {"errorType", type}, {"stackTrace", boost::json::array()}};
  Request request = make_request(http::verb::post, target, boost::json::serialize(body));
  request.set("Lambda-Runtime-Function-Error-Type", std::string(type));
  request.set(http::field::content_type, "application/json");
  return request;
}

}  // namespace

RuntimeApi::RuntimeApi(std::string address) : address_(std::move(address)) {
  // A static program cannot resolve names, and this is the one that is in use.
  constexpr std::string_view kLocal = "localhost:";
  if (address_.starts_with(kLocal)) address_.replace(0, kLocal.size(), "127.0.0.1:");
  parse_endpoint(address_, "AWS_LAMBDA_RUNTIME_API");
}

RuntimeApi::Invocation RuntimeApi::next() {
  const std::string target = std::string(kVersion) + "/invocation/next";
  Response response = call(address_, make_request(http::verb::get, target, ""));
  expect(response, 200, target);
  Invocation invocation;
  invocation.id = std::string(response["Lambda-Runtime-Aws-Request-Id"]);
  if (invocation.id.empty())
    throw Error(
        fmt::format("AWS_LAMBDA_RUNTIME_API: {}: expected Lambda-Runtime-Aws-Request-Id", target));
  const std::string deadline(response["Lambda-Runtime-Deadline-Ms"]);
  std::from_chars(deadline.data(), deadline.data() + deadline.size(), invocation.deadline_ms);
  invocation.payload = std::move(response.body());
  return invocation;
}

void RuntimeApi::respond(const std::string& id, const boost::json::object& answer) {
  const std::string target = fmt::format("{}/invocation/{}/response", kVersion, id);
  expect(call(address_, make_request(http::verb::post, target, boost::json::serialize(answer))),
         202, target);
}

void RuntimeApi::fail(const std::string& id, std::string_view type, std::string_view message) {
  const std::string target = fmt::format("{}/invocation/{}/error", kVersion, id);
  expect(call(address_, error_request(target, type, message)), 202, target);
}

void RuntimeApi::fail_init(std::string_view type, std::string_view message) {
  const std::string target = std::string(kVersion) + "/init/error";
  expect(call(address_, error_request(target, type, message)), 202, target);
}

void RuntimeApi::register_extension() {
  // Internal extensions may not ask for SHUTDOWN, nor do we need an event.
  Request request =
      make_request(http::verb::post, "/2020-01-01/extension/register", R"({"events":[]})");
  request.set("Lambda-Extension-Name", "laggard-worker");
  request.set(http::field::content_type, "application/json");
  const Response response = call(address_, std::move(request));
  if (response.result_int() != 200) return;
  const std::string id(response["Lambda-Extension-Identifier"]);
  // Asking for the next event tells that its start is done. The answer never comes.
  std::thread([address = address_, id] {
    Request next = make_request(http::verb::get, "/2020-01-01/extension/event/next", "");
    next.set("Lambda-Extension-Identifier", id);
    try {
      call(address, std::move(next));
    } catch (const Error&) {
      // The environment is coming down, or the API has no events after all. Neither matters to the
      // function.
    }
  }).detach();
}

}  // namespace laggard
