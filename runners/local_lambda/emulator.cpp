// The AWS Runtime Interface Emulator as an environment: it takes one invocation at a time.
#include "runners/channels/tls/address.hpp"
#include "runners/local_lambda/alarm.hpp"
#include "runners/local_lambda/http.hpp"
#include "runners/local_lambda/listener.hpp"
#include "runners/local_lambda/runtime.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>
#include <cmath>

namespace laggard::local {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::chrono::milliseconds kLook{10};  // between two looks whether it listens

// A port that is free now.
std::uint16_t free_port(asio::io_context& io) {
  tcp::acceptor acceptor(io);
  open_listener(acceptor, "127.0.0.1:0");
  return acceptor.local_endpoint().port();
}

Answer read_answer(const HttpReply& reply) {
  Answer answer{reply.body, reply.status != 200, false};
  answer.timed_out = reply.body.starts_with("Task timed out after");
  answer.failed |= answer.timed_out;
  boost::system::error_code failure;
  const auto value = boost::json::parse(reply.body, failure);
  if (!failure && value.is_object() && value.as_object().contains("errorType")) {
    answer.failed = true;
  }
  return answer;
}

class Emulator : public Runtime {
 public:
  Emulator(asio::io_context& io, const LocalLambdaOptions& options, Events events)
      : io_(io),
        options_(options),
        port_(free_port(io)),
        api_port_(free_port(io)),
        look_(io),
        events_(std::make_shared<Events>(std::move(events))) {}

  std::vector<std::string> command() const override {
    return {options_.emulator.string(),
            "--runtime-interface-emulator-address",
            fmt::format("127.0.0.1:{}", port_),
            "--runtime-api-address",
            fmt::format("127.0.0.1:{}", api_port_),
            options_.worker.string()};
  }

  std::vector<std::string> variables() const override {
    const double seconds = std::ceil(to_seconds(options_.timeout));
    return {fmt::format("AWS_LAMBDA_FUNCTION_TIMEOUT={:.0f}", seconds)};
  }

  void started() override {
    auto probe = std::make_shared<tcp::socket>(io_);
    probe->async_connect(
        tcp::endpoint(asio::ip::address_v4::loopback(), port_),
        [this, probe, weak = std::weak_ptr(events_)](boost::system::error_code failure) {
          const auto events = weak.lock();
          if (!events) return;
          if (failure) return look_.set(kLook, [this] { started(); });
          events->ready();
        });
  }

  void offer(const Offer& offer) override {
    http_post(io_, port_, "/2015-03-31/functions/function/invocations", offer.payload,
              [weak = std::weak_ptr(events_)](HttpReply reply) {
                const auto events = weak.lock();
                if (!events || reply.status == 0) return;  // its process's end will be told
                events->answered(read_answer(reply));
                events->ready();
              });
  }

  bool has_extension() const override { return false; }
  bool may_freeze() const override { return false; }

 private:
  asio::io_context& io_;
  LocalLambdaOptions options_;
  std::uint16_t port_, api_port_;
  Alarm look_;
  std::shared_ptr<Events> events_;
};

}  // namespace

std::unique_ptr<Runtime> make_emulator(asio::io_context& io, const LocalLambdaOptions& options,
                                       Runtime::Events events) {
  return std::make_unique<Emulator>(io, options, std::move(events));
}

}  // namespace laggard::local
