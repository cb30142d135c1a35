#include "runners/worker/runtime_api.hpp"

#include "core/io/error.hpp"
#include "runners/channels/http/client.hpp"
#include "runners/channels/tls/address.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>

#include <charconv>
#include <thread>

namespace laggard {
namespace {

namespace asio = boost::asio;
constexpr const char* kVersion = "/2018-06-01/runtime";
constexpr std::uint64_t kMostPayload = 16 * 1024 * 1024;  // Lambda's own limit is 6 MB

HttpAnswer call(const std::string& address, const HttpCall& request) {
  const auto endpoint = parse_endpoint(address, "AWS_LAMBDA_RUNTIME_API");
  const auto talk = [&]() -> asio::awaitable<HttpAnswer> {
    const auto stream = co_await connect_plain(endpoint, kForever);
    co_return co_await exchange(*stream, request, address, kMostPayload, nullptr);
  };
  try {
    asio::io_context loop(1);
    auto answer = asio::co_spawn(loop, talk(), asio::use_future);
    loop.run();
    return answer.get();
  } catch (const boost::system::system_error& error) {
    throw Error(fmt::format("AWS_LAMBDA_RUNTIME_API: {}{}: {}", address, request.target,
                            error.code().message()));
  }
}

void expect(const HttpAnswer& answer, int status, std::string_view target) {
  if (answer.status != status)
    throw Error(fmt::format("AWS_LAMBDA_RUNTIME_API: {}: status {}; expected {}", target,
                            answer.status, status));
}

HttpCall error_call(const std::string& target, std::string_view type, std::string_view message) {
  const boost::json::object body = {
      {"errorMessage", message}, {"errorType", type}, {"stackTrace", boost::json::array()}};
  return {"POST",
          target,
          {{"Lambda-Runtime-Function-Error-Type", std::string(type)},
           {"Content-Type", "application/json"}},
          boost::json::serialize(body)};
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
  HttpAnswer answer = call(address_, {"GET", target, {}, ""});
  expect(answer, 200, target);
  Invocation invocation;
  invocation.id = std::string(answer.header("Lambda-Runtime-Aws-Request-Id"));
  if (invocation.id.empty())
    throw Error(
        fmt::format("AWS_LAMBDA_RUNTIME_API: {}: expected Lambda-Runtime-Aws-Request-Id", target));
  const std::string_view deadline = answer.header("Lambda-Runtime-Deadline-Ms");
  std::from_chars(deadline.data(), deadline.data() + deadline.size(), invocation.deadline_ms);
  invocation.payload = std::move(answer.body);
  return invocation;
}

void RuntimeApi::respond(const std::string& id, const boost::json::object& answer) {
  const std::string target = fmt::format("{}/invocation/{}/response", kVersion, id);
  expect(call(address_, {"POST", target, {}, boost::json::serialize(answer)}), 202, target);
}

void RuntimeApi::fail(const std::string& id, std::string_view type, std::string_view message) {
  const std::string target = fmt::format("{}/invocation/{}/error", kVersion, id);
  expect(call(address_, error_call(target, type, message)), 202, target);
}

void RuntimeApi::fail_init(std::string_view type, std::string_view message) {
  const std::string target = std::string(kVersion) + "/init/error";
  expect(call(address_, error_call(target, type, message)), 202, target);
}

void RuntimeApi::register_extension() {
  // Internal extensions may not ask for SHUTDOWN, nor do we need an event.
  const HttpAnswer answer =
      call(address_,
           {"POST",
            "/2020-01-01/extension/register",
            {{"Lambda-Extension-Name", "laggard-worker"}, {"Content-Type", "application/json"}},
            R"({"events":[]})"});
  if (answer.status != 200) return;
  const std::string id(answer.header("Lambda-Extension-Identifier"));
  // Asking for the next event tells that its start is done. The answer never comes.
  std::thread([address = address_, id] {
    try {
      call(address,
           {"GET", "/2020-01-01/extension/event/next", {{"Lambda-Extension-Identifier", id}}, ""});
    } catch (const Error&) {
      // The environment is coming down, or the API has no events after all. Neither matters to the
      // function.
    }
  }).detach();
}

}  // namespace laggard
