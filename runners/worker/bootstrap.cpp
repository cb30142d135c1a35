#include "runners/worker/bootstrap.hpp"

#include "core/io/error.hpp"
#include "core/wire/assignment.hpp"
#include "runners/worker/conversation.hpp"
#include "runners/worker/runtime_api.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <boost/json.hpp>

#include <span>

namespace laggard {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr Time kLambdaGrace = std::chrono::seconds(2);  // from SIGTERM to SIGKILL
constexpr std::int64_t kLongestMs = std::int64_t{365} * 24 * 3600 * 1000;

// The deadline is a reading of the wall clock, turned into a duration as soon as it is there.
Clock::time_point end_of(const RuntimeApi::Invocation& invocation) {
  if (invocation.deadline_ms <= 0) return Clock::time_point::max();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t left =
      invocation.deadline_ms - std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  if (left > kLongestMs) return Clock::time_point::max();
  return Clock::now() + std::chrono::milliseconds(left);
}

// What kind of error a payload is that is not for this worker.
const char* error_type(const std::string& payload) {
  boost::system::error_code error;
  const json::value value = json::parse(payload, error);
  const json::object* object = error ? nullptr : value.if_object();
  const json::value* version = object ? object->if_contains("laggard") : nullptr;
  if (!version || !version->is_int64() || version->get_int64() == kWireVersion)
    return "Laggard.BadAssignment";
  return version->get_int64() > kWireVersion ? "Laggard.OlderWorker" : "Laggard.NewerWorker";
}

void serve(RuntimeApi& api, RuntimeApi::Invocation& invocation, const InvocationContext& context,
           bool& terminated) {
  const auto wipe_payload = [&] { wipe(std::as_writable_bytes(std::span(invocation.payload))); };
  Assignment assignment;
  try {
    assignment = parse_assignment(invocation.payload);
  } catch (const Error& error) {
    const char* type = error_type(invocation.payload);
    wipe_payload();
    api.fail(invocation.id, type, error.what());
    return;
  }
  wipe_payload();
  const WorkerId worker = assignment.worker;
  const int incarnation = assignment.incarnation;
  try {
    const ConversationSummary summary = converse(std::move(assignment), context);
    terminated = summary.terminated;
    api.respond(invocation.id, {{"ended", summary.ended},
                                {"tasks", summary.tasks},
                                {"worker", worker},
                                {"incarnation", incarnation}});
  } catch (const ConversationError& error) {
    api.fail(invocation.id, error.type, error.what());
  }
}

}  // namespace

std::string find_ca_file(const std::string& given) {
  if (!given.empty()) {
    if (::access(given.c_str(), R_OK) != 0)
      throw Error(
          fmt::format("--ca: {}: cannot be read; expected a PEM file of certificates", given));
    return given;
  }
  for (const char* file :
       {"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"})
    if (::access(file, R_OK) == 0) return file;
  return {};
}

int run_bootstrap(const std::string& address, const std::string& ca_file) {
  RuntimeApi api(address);
  InvocationContext context;
  context.grace = kLambdaGrace;
  try {
    context.ca_file = find_ca_file(ca_file);
    api.register_extension();
  } catch (const Error& error) {
    api.fail_init("Laggard.Init", error.what());
    throw;
  }
  bool terminated = false;
  while (!terminated) {
    RuntimeApi::Invocation invocation = api.next();
    context.end = end_of(invocation);
    serve(api, invocation, context, terminated);
    context.cold = false;
  }
  return 0;
}

}  // namespace laggard
