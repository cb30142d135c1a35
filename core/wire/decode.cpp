#include "core/wire/payload_reader.hpp"

#include <algorithm>
#include <limits>

namespace laggard {
namespace {

constexpr std::int64_t kAnyIndex = std::numeric_limits<std::int32_t>::max();

// Before its proof is checked a peer may write what it likes, and this ends up in messages.
void plain_name(PayloadReader& in, const char* name, std::string& out) {
  in.text(name, 256, out);
  if (!std::all_of(out.begin(), out.end(), [](char c) { return c >= 0; }))
    in.fail(name, "is not ASCII");
}

}  // namespace

void decode(ByteSpan payload, Hello& message) {
  PayloadReader in(payload, "HELLO");
  in.bytes(message.run);
  message.worker = in.index("worker", kAnyIndex);
  message.incarnation = in.index("incarnation", kAnyIndex);
  in.bytes(message.nonce);
  in.bytes(message.proof);
  message.remaining = in.duration("remaining");
  message.cold = in.flag("cold");
  plain_name(in, "version", message.version);
  in.end();
}

void decode(ByteSpan payload, Welcome& message) {
  PayloadReader in(payload, "WELCOME");
  message.heartbeat = in.duration("heartbeat");
  if (message.heartbeat == Time::zero()) in.fail("heartbeat", "is not above 0");
  in.text("work", kWelcomePayloadBytes, message.work);
  in.end();
}

void decode(ByteSpan payload, Reject& message) {
  PayloadReader in(payload, "REJECT");
  in.text("reason", kTextBytes, message.reason);
  in.end();
}

void decode(ByteSpan payload, ShardRequest& message) {
  PayloadReader in(payload, "SHARD_REQUEST");
  message.shard = in.index("shard", kAnyIndex);
  in.end();
}

void decode(ByteSpan payload, RevokeMessage& message) {
  PayloadReader in(payload, "REVOKE");
  message.id = in.not_negative("id");
  in.end();
}

void decode(ByteSpan payload, Leaving& message) {
  PayloadReader in(payload, "LEAVING");
  message.remaining = in.duration("remaining");
  in.text("why", kTextBytes, message.why);
  in.end();
}

void decode(ByteSpan payload, const Limits& limits, TaskMessage& message) {
  PayloadReader in(payload, "TASK");
  const auto features = static_cast<std::size_t>(limits.features);
  message.id = in.not_negative("id");
  message.shard = in.index("shard", limits.shards);
  message.kind = in.flag("kind") ? TaskKind::gradient : TaskKind::prox_solve;
  const bool with_omega = in.flag("with_omega");
  message.rho = in.positive("rho");
  message.q = in.positive("q");
  message.omega_of = in.number<TaskId>();
  if (message.omega_of < -1) in.fail("omega_of", "is below -1");
  message.begun_before = in.count("begun_before");
  const auto parts = in.number<std::uint32_t>();
  if (parts > static_cast<std::uint32_t>(limits.shards)) in.fail("parts", "are too many");
  if (message.kind == TaskKind::prox_solve && parts > 0)
    in.fail("parts", "in a task that has none");
  if (message.kind == TaskKind::gradient && with_omega) in.fail("omega", "in a task that has none");
  message.parts.clear();
  for (std::uint32_t i = 0; i < parts; ++i) {
    Part part;
    part.shard = in.index("a part's shard", limits.shards);
    part.coefficient = in.finite("a part's coefficient");
    message.parts.push_back(part);
  }
  in.numbers("z", features, limits.precision, message.z);
  in.numbers("omega", with_omega ? features : 0, Precision::f64, message.omega);
  in.end();
}

void decode(ByteSpan payload, const Limits& limits, ReportMessage& message) {
  PayloadReader in(payload, "REPORT");
  message.id = in.not_negative("id");
  message.shard = in.index("shard", limits.shards);
  message.stopped = in.flag("stopped");
  message.not_finite = in.flag("not_finite");
  message.capped = in.flag("capped");
  message.passes = in.count("passes");
  message.inner_iterations = in.count("inner_iterations");
  message.value = in.finite("value");
  message.compute = in.elapsed("compute");
  message.queued = in.elapsed("queued");
  message.idle = in.duration("idle");
  in.text("failure", kTextBytes, message.failure);
  const bool contributes = message.failure.empty() && !message.stopped && !message.not_finite;
  const auto count = in.number<std::uint32_t>();
  if (count != (contributes ? static_cast<std::uint32_t>(limits.features) : 0))
    in.fail("x", "is of the wrong length");
  in.numbers("x", count, limits.precision, message.x);
  in.end();
}

}  // namespace laggard
