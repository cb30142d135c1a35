#include "tests/wire/samples.hpp"

#include "core/wire/proof.hpp"

namespace laggard::testing {
namespace {

SharedVector vector(double first) {
  Vector out(kFeatures);
  for (int i = 0; i < kFeatures; ++i) out[i] = first + 0.25 * i;
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

Sample of_task(const std::string& name, const Task& task, TaskId omega_of, const Limits& limits) {
  const bool with_omega = task.omega != nullptr;
  Sample out{name, limits, {}, {}};
  encode(task, omega_of, with_omega, limits.precision, out.frame);
  out.read = [limits](ByteSpan payload) {
    TaskMessage read;
    decode(payload, limits, read);
    Bytes again;
    encode(to_task(read), read.omega_of, read.omega.size() > 0, limits.precision, again);
    return again;
  };
  return out;
}

Sample of_report(const std::string& name, const ReportMessage& report, const Limits& limits) {
  Sample out{name, limits, {}, {}};
  encode(report, limits.precision, out.frame);
  out.read = [limits](ByteSpan payload) {
    ReportMessage read;
    decode(payload, limits, read);
    Bytes again;
    encode(read, limits.precision, again);
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
  out.init = std::chrono::milliseconds(180);
  out.cold = false;
  out.version = "0.1.0";
  out.architecture = "x86_64";
  return out;
}

Task sample_prox() {
  Task out;
  out.id = 41;
  out.worker = 2;
  out.shard = 6;
  out.rho = 0.5;
  out.q = 2;
  out.z = vector(-1);
  out.omega = vector(0.1);  // not representable as a float
  return out;
}

Task sample_gradient() {
  Task out;
  out.id = 42;
  out.shard = 1;
  out.kind = TaskKind::gradient;
  out.parts = {{1, 0.1}, {2, -0.7}, {6, 1e300}};
  out.z = vector(3);
  return out;
}

ReportMessage sample_report() {
  ReportMessage out;
  out.id = 41;
  out.shard = 6;
  out.capped = true;
  out.passes = 17;
  out.inner_iterations = 8;
  out.value = -0.125;
  out.compute = Time(1'234'567);
  out.queued = Time(89);
  out.idle = kForever;
  out.x = *vector(7.5);
  return out;
}

ReportMessage sample_failure() {
  ReportMessage out;
  out.id = 43;
  out.failure = "out of m\xc3\xa9mory";
  return out;
}

Task to_task(const TaskMessage& message) {
  Task out;
  out.id = message.id;
  out.shard = message.shard;
  out.kind = message.kind;
  out.rho = message.rho;
  out.q = message.q;
  out.parts = message.parts;
  out.z = std::make_shared<const Vector>(message.z);
  out.omega = std::make_shared<const Vector>(message.omega);
  return out;
}

std::vector<Sample> samples() {
  ReportMessage stopped;
  stopped.stopped = true;
  Task bare = sample_prox();
  bare.omega = nullptr;
  Sample goodbye{"goodbye", kLimits, {}, [](ByteSpan payload) {
                   if (!payload.empty()) throw WireError("GOODBYE says more");
                   Bytes again;
                   encode_goodbye(again);
                   return again;
                 }};
  encode_goodbye(goodbye.frame);
  return {
      plain("hello", sample_hello()),
      plain("welcome", Welcome{"{\"a\":1}", std::chrono::seconds(1)}),
      plain("reject", Reject{"not of this run"}),
      plain("shard_request", ShardRequest{6}),
      plain("ready", Ready{Time(5)}),
      plain("revoke", RevokeMessage{77}),
      plain("heartbeat", Heartbeat{}),
      plain("leaving", Leaving{std::chrono::seconds(2), "SIGTERM"}),
      goodbye,
      of_task("prox", sample_prox(), -1, kLimits),
      of_task("prox by reference", bare, 40, kLimits),
      of_task("prox as floats", sample_prox(), -1, kShort),
      of_task("gradient", sample_gradient(), -1, kLimits),
      of_report("report", sample_report(), kLimits),
      of_report("report of floats", sample_report(), kShort),
      of_report("failure", sample_failure(), kLimits),
      of_report("stopped", stopped, kLimits),
  };
}

}  // namespace laggard::testing
