#include "tests/wire/samples.hpp"

#include "core/wire/proof.hpp"

namespace laggard::testing {
namespace {

SharedVector vector(double first, int size = kFeatures) {
  Vector out(size);
  for (int i = 0; i < size; ++i) out[i] = first + 0.25 * i;
  return std::make_shared<const Vector>(std::move(out));
}

template <class Message>
Sample plain(const std::string& name, const Message& message) {
  Sample out{name, kLimits, {}, {}};
  encode(message, out.frame);
  out.read = [](ByteSpan payload) {
    Message read;
    decode(payload, read);
    Bytes again;
    encode(read, again);
    return again;
  };
  return out;
}

Sample bare_kind(const std::string& name, MessageKind kind) {
  Sample out{name, kLimits, {}, [kind](ByteSpan payload) {
               if (!payload.empty()) throw WireError("it says more");
               Bytes again;
               encode(kind, again);
               return again;
             }};
  encode(kind, out.frame);
  return out;
}

Sample of_task(const std::string& name, Task task, std::uint32_t sent, const Limits& limits) {
  task.precision = limits.precision;
  Sample out{name, limits, {}, {}};
  encode(task, sent, 3'000'000'000, out.frame);
  out.read = [limits](ByteSpan payload) {
    TaskMessage read;
    decode(payload, limits, read);
    Bytes again;
    encode(to_task(read, limits.precision), sent_of(read), read.begun_before, again);
    return again;
  };
  return out;
}

Sample of_report(const std::string& name, const ReportMessage& report, const Limits& limits) {
  Sample out{name, limits, {}, {}};
  encode_whole(report, limits.precision, out.frame);
  out.read = [limits](ByteSpan payload) {
    ReportMessage read;
    decode(payload, limits, read);
    Bytes again;
    encode_whole(read, limits.precision, again);
    return again;
  };
  return out;
}

}  // namespace

Hello sample_hello() {
  Hello out;
  from_hex("000102030405060708090a0b0c0d0e0f", out.run);
  out.worker = 3;
  out.incarnation = 12;
  from_hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", out.nonce);
  out.proof[0] = out.proof[31] = std::byte{0x5a};
  out.remaining = std::chrono::seconds(900);
  out.cold = false;
  out.version = "0.1.0";
  return out;
}

Task sample_prox() {
  Task out;
  out.id = 41;
  out.worker = 2;
  out.shard = 6;
  out.scalars = {0.5, 2};
  out.z = vector(-1);
  out.operands = {{40, vector(0.1)}};  // not representable as a float
  return out;
}

Task sample_two_operands() {
  Task out = sample_prox();
  out.scalars = {0.1, -1e300, 3};
  out.operands = {{3'000'000'000, vector(0.1, 2)}, {kZeroOperand, vector(0, 3)}};
  return out;
}

Task sample_gradient() {
  Task out;
  out.id = 42;
  out.shard = 1;
  out.parts = {{1, 0.1}, {2, -0.7}, {6, 1e300}};
  out.z = vector(3);
  return out;
}

Task sample_payload() {
  Task out;
  out.id = 44;
  out.shard = 2;
  out.z = std::make_shared<const Vector>();
  out.ballast = 37;  // two blocks of 16 and some
  return out;
}

ReportMessage sample_ballast() {
  ReportMessage out;
  out.id = 44;
  out.shard = 2;
  out.contributes = true;
  out.ballast = 19;
  return out;
}

ReportMessage sample_report() {
  ReportMessage out;
  out.id = 41;
  out.shard = 6;
  out.capped = true;
  out.passes = 17;
  out.inner_iterations = 8;
  out.dense_work = 21;
  out.gradient_norm = 0.25;
  out.compute = Time(1'234'567);
  out.pause = Time(654'321);
  out.queued = Time(89);
  out.idle = kForever;
  out.contributes = true;
  out.scalars = {-0.125};
  out.vectors = {*vector(7.5)};
  return out;
}

ReportMessage sample_two_vectors() {
  ReportMessage out = sample_report();
  out.scalars = {0.1, 1e300, -3};
  out.vectors = {*vector(7.5), *vector(-2, 2)};
  return out;
}

ReportMessage sample_failure() {
  ReportMessage out;
  out.id = 43;
  out.failure = "out of m\xc3\xa9mory";
  return out;
}

Task to_task(const TaskMessage& message, Precision precision) {
  Task out;
  out.id = message.id;
  out.shard = message.shard;
  out.scalars = message.scalars;
  out.parts = message.parts;
  out.z = std::make_shared<const Vector>(message.z);
  for (const OperandMessage& operand : message.operands) {
    const Vector value = operand.sent ? operand.value : Vector::Zero(operand.size);
    out.operands.push_back({operand.name, std::make_shared<const Vector>(value)});
  }
  out.precision = precision;
  out.ballast = message.ballast;
  return out;
}

std::uint32_t sent_of(const TaskMessage& message) {
  std::uint32_t sent = 0;
  for (std::size_t i = 0; i < message.operands.size(); ++i)
    sent |= std::uint32_t{message.operands[i].sent} << i;
  return sent;
}

std::vector<Sample> samples() {
  ReportMessage stopped;
  stopped.stopped = true;
  return {
      plain("hello", sample_hello()),
      plain("welcome", Welcome{"{\"a\":1}", std::chrono::seconds(1)}),
      plain("reject", Reject{"not of this run"}),
      plain("shard_request", ShardRequest{6}),
      bare_kind("ready", MessageKind::ready),
      plain("revoke", RevokeMessage{77}),
      bare_kind("heartbeat", MessageKind::heartbeat),
      plain("leaving", Leaving{std::chrono::seconds(2), "SIGTERM"}),
      bare_kind("goodbye", MessageKind::goodbye),
      of_task("prox", sample_prox(), 1, kLimits),
      of_task("prox by reference", sample_prox(), 0, kLimits),
      of_task("prox as floats", sample_prox(), 1, kShort),
      of_task("two operands", sample_two_operands(), 3, kLimits),
      of_task("two operands, one sent", sample_two_operands(), 1, kLimits),
      of_task("two operands beside floats", sample_two_operands(), 1, kShort),
      of_task("gradient", sample_gradient(), 0, kLimits),
      of_task("payload", sample_payload(), 0, kLimits),
      of_report("payload", sample_ballast(), kLimits),
      of_report("report", sample_report(), kLimits),
      of_report("report of floats", sample_report(), kShort),
      of_report("two vectors", sample_two_vectors(), kLimits),
      of_report("failure", sample_failure(), kLimits),
      of_report("stopped", stopped, kLimits),
  };
}

}  // namespace laggard::testing
