#include "tests/worker/fake_runtime_api.hpp"

#include <chrono>
#include <stdexcept>

namespace laggard {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);
const std::string kRuntime = "/2018-06-01/runtime/";

}  // namespace

std::int64_t in_ms(std::int64_t milliseconds) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count() + milliseconds;
}

FakeRuntimeApi::FakeRuntimeApi() {
  server_.emplace([this](const HttpRequest& request) { return answer(request); });
}

FakeRuntimeApi::~FakeRuntimeApi() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    changed_.notify_all();
  }
  server_.reset();
}

std::string FakeRuntimeApi::address() const {
  return "127.0.0.1:" + std::to_string(server_->port());
}

void FakeRuntimeApi::invoke(const std::string& id, std::string payload, std::int64_t deadline_ms) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back({id, std::move(payload), deadline_ms});
  changed_.notify_all();
}

FakeRuntimeApi::Outcome FakeRuntimeApi::outcome(const std::string& id) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [&] { return outcomes_.contains(id); }))
    throw std::runtime_error("invocation " + id + " has not ended");
  return outcomes_[id];
}

void FakeRuntimeApi::wait_for_next(int times) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [&] { return asked_ >= times; }))
    throw std::runtime_error("the worker does not ask for an invocation");
}

int FakeRuntimeApi::registered() const {
  const std::lock_guard lock(mutex_);
  return registered_;
}

std::string FakeRuntimeApi::extension_body() const {
  const std::lock_guard lock(mutex_);
  return extension_body_;
}

HttpResponse FakeRuntimeApi::next() {
  std::unique_lock lock(mutex_);
  ++asked_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return closing_ || !waiting_.empty(); });
  if (closing_) return http_answer(500);
  const Invocation invocation = waiting_.front();
  waiting_.pop_front();
  HttpResponse response = http_answer(200, invocation.payload);
  response.set("Lambda-Runtime-Aws-Request-Id", invocation.id);
  if (invocation.deadline_ms != 0)
    response.set("Lambda-Runtime-Deadline-Ms", std::to_string(invocation.deadline_ms));
  return response;
}

HttpResponse FakeRuntimeApi::answer(const HttpRequest& request) {
  const std::string target(request.target());
  if (target == kRuntime + "invocation/next") return next();
  std::unique_lock lock(mutex_);
  if (target == "/2020-01-01/extension/register" && extensions) {
    ++registered_;
    extension_body_ = request.body();
    HttpResponse response = http_answer(200, "{}");
    response.set("Lambda-Extension-Identifier", "an-extension");
    return response;
  }
  if (target == "/2020-01-01/extension/event/next" && extensions) {
    changed_.wait(lock, [&] { return closing_; });
    return http_answer(500);
  }
  Outcome outcome;
  outcome.error_type = std::string(request["Lambda-Runtime-Function-Error-Type"]);
  outcome.body = request.body();
  std::string id = "init";
  outcome.kind = "init/error";
  if (target.starts_with(kRuntime + "invocation/")) {
    const std::size_t begin = kRuntime.size() + 11, slash = target.find('/', begin);
    id = target.substr(begin, slash - begin);
    outcome.kind = target.substr(slash + 1);
  } else if (target != kRuntime + "init/error") {
    return http_answer(404);
  }
  outcomes_[id] = outcome;
  changed_.notify_all();
  return http_answer(202);
}

}  // namespace laggard
