#include "core/wire/ballast.hpp"
#include "core/wire/payload_reader.hpp"

#include <algorithm>
#include <limits>

namespace laggard {
namespace {

constexpr std::int64_t kAnyIndex = std::numeric_limits<std::int32_t>::max();

// Before its proof is checked a peer may write what it likes, and this ends up in messages.
void plain_name(PayloadReader& in, const char* name, std::string& out) {
  in.text(name, 256, out);
  if (!std::all_of(out.begin(), out.end(), [](unsigned char c) { return c < 0x80; }))
    in.fail(name, "is not ASCII");
}

constexpr std::uint32_t kMostVectors = 1024;

// Counts numbers, up to the most that there may be.
class NumberBudget {
 public:
  NumberBudget(const PayloadReader& in, std::int64_t most)
      : in_(in), left_(static_cast<std::uint64_t>(most)) {}
  void spend(std::uint64_t count) {
    if (count > left_) in_.fail("the message", "has more numbers than it may");
    left_ -= count;
  }

 private:
  const PayloadReader& in_;
  std::uint64_t left_;
};

void read_ballast(PayloadReader& in, TaskId id, NumberBudget& budget, std::int64_t& ballast) {
  ballast = in.count("ballast");
  budget.spend(static_cast<std::uint64_t>(ballast + 7) / 8);
  if (!is_ballast(id, in.bytes("ballast", static_cast<std::size_t>(ballast))))
    in.fail("ballast", "is not what was sent");
}

void read_scalars(PayloadReader& in, std::vector<double>& scalars) {
  const auto count = in.number<std::uint32_t>();
  if (count > kMostScalars) in.fail("scalars", "are too many");
  scalars.resize(count);
  for (double& scalar : scalars) scalar = in.finite("a scalar");
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

namespace {

void decode(PayloadReader in, const Limits& limits, TaskMessage& message) {
  NumberBudget budget(in, limits.numbers);
  message.id = in.not_negative("id");
  message.shard = in.index("shard", limits.shards);
  message.begun_before = in.count("begun_before");
  read_scalars(in, message.scalars);
  const auto parts = in.number<std::uint32_t>();
  if (parts > static_cast<std::uint32_t>(limits.shards)) in.fail("parts", "are too many");
  message.parts.clear();
  for (std::uint32_t i = 0; i < parts; ++i) {
    Part part;
    part.shard = in.index("a part's shard", limits.shards);
    part.coefficient = in.finite("a part's coefficient");
    message.parts.push_back(part);
  }
  const auto operands = in.number<std::uint32_t>();
  if (operands > kMostOperands) in.fail("operands", "are too many");
  message.operands.resize(operands);
  for (OperandMessage& operand : message.operands) {
    operand.name = in.number<OperandName>();
    if (operand.name < kZeroOperand) in.fail("an operand's name", "is below -1");
    operand.size = in.count("an operand's size");
    budget.spend(static_cast<std::uint64_t>(operand.size));
    operand.sent = in.flag("an operand's flag");
    const auto size = static_cast<std::size_t>(operand.sent ? operand.size : 0);
    in.numbers("an operand", size, Precision::f64, operand.value);
  }
  read_ballast(in, message.id, budget, message.ballast);
  const auto size = in.number<std::uint32_t>();
  budget.spend(size);
  in.last_numbers("z", size, limits.precision, message.z);
  in.end();
}

void decode(PayloadReader in, const Limits& limits, ReportMessage& message) {
  NumberBudget budget(in, limits.numbers);
  message.id = in.not_negative("id");
  message.shard = in.index("shard", limits.shards);
  message.contributes = in.flag("contributes");
  message.stopped = in.flag("stopped");
  message.not_finite = in.flag("not_finite");
  message.capped = in.flag("capped");
  message.passes = in.count("passes");
  message.inner_iterations = in.count("inner_iterations");
  message.dense_work = in.count("dense_work");
  message.gradient_norm = in.finite("gradient_norm");
  if (message.gradient_norm < 0) in.fail("gradient_norm", "is negative");
  message.compute = in.elapsed("compute");
  message.pause = in.elapsed("pause");
  message.queued = in.elapsed("queued");
  message.idle = in.duration("idle");
  in.text("failure", kTextBytes, message.failure);
  read_scalars(in, message.scalars);
  budget.spend(message.scalars.size());
  read_ballast(in, message.id, budget, message.ballast);
  const auto vectors = in.number<std::uint32_t>();
  if (vectors > kMostVectors) in.fail("vectors", "are too many");
  message.vectors.resize(vectors);
  for (Vector& vector : message.vectors) {
    const auto size = in.number<std::uint32_t>();
    budget.spend(size);
    if (&vector == &message.vectors.back())
      in.last_numbers("a vector", size, limits.precision, vector);
    else
      in.numbers("a vector", size, limits.precision, vector);
  }
  const bool may = message.failure.empty() && !message.stopped && !message.not_finite;
  if (message.contributes && !may) in.fail("a contribution", "and the reason why there is none");
  const bool empty = message.scalars.empty() && message.vectors.empty() && message.ballast == 0;
  if (!message.contributes && !empty) in.fail("numbers", "without a contribution");
  in.end();
}

}  // namespace

void decode(ByteSpan payload, const Limits& limits, TaskMessage& message) {
  decode(PayloadReader(payload, "TASK"), limits, message);
}

void decode(Frame& frame, const Limits& limits, TaskMessage& message) {
  decode(PayloadReader(frame, "TASK"), limits, message);
}

void decode(ByteSpan payload, const Limits& limits, ReportMessage& message) {
  decode(PayloadReader(payload, "REPORT"), limits, message);
}

void decode(Frame& frame, const Limits& limits, ReportMessage& message) {
  decode(PayloadReader(frame, "REPORT"), limits, message);
}

}  // namespace laggard
