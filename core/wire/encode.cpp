#include "core/io/error.hpp"
#include "core/wire/ballast.hpp"
#include "core/wire/frame_writer.hpp"

#include <fmt/format.h>

namespace laggard {

void encode(const Hello& message, Bytes& out) {
  FrameWriter frame(MessageKind::hello, out, kFieldBytes + message.version.size());
  frame.put(message.run);
  frame.put(message.worker);
  frame.put(message.incarnation);
  frame.put(message.nonce);
  frame.put(message.proof);
  frame.put(message.remaining);
  frame.put(message.cold);
  frame.put_text(message.version);
  frame.finish();
}

void encode(const Welcome& message, Bytes& out) {
  if (message.work.size() + kFieldBytes > kWelcomePayloadBytes)
    throw Error(fmt::format("a worker's work takes {} bytes; expected fewer shards on it",
                            message.work.size()));
  FrameWriter frame(MessageKind::welcome, out, kFieldBytes + message.work.size());
  frame.put(message.heartbeat);
  frame.put_bytes(message.work);
  frame.finish();
}

void encode(const Reject& message, Bytes& out) {
  FrameWriter frame(MessageKind::reject, out, kFieldBytes + message.reason.size());
  frame.put_text(message.reason);
  frame.finish();
}

void encode(const ShardRequest& message, Bytes& out) {
  FrameWriter frame(MessageKind::shard_request, out, kFieldBytes);
  frame.put(message.shard);
  frame.finish();
}

void encode(const RevokeMessage& message, Bytes& out) {
  FrameWriter frame(MessageKind::revoke, out, kFieldBytes);
  frame.put(message.id);
  frame.finish();
}

SharedTail encode(ReportMessage message, Precision precision, Bytes& out) {
  SharedTail tail;
  if (!message.vectors.empty()) {
    tail = make_tail(std::make_shared<const Vector>(std::move(message.vectors.back())), precision);
    message.vectors.pop_back();
  }
  std::size_t numbers = message.scalars.size() * sizeof(double);
  for (const Vector& vector : message.vectors)
    numbers += static_cast<std::size_t>(vector.size()) * number_bytes(precision) + kFieldBytes;
  FrameWriter frame(
      MessageKind::report, out,
      kFieldBytes + message.failure.size() + numbers + static_cast<std::size_t>(message.ballast));
  frame.put(message.id);
  frame.put(message.shard);
  frame.put(message.contributes);
  frame.put(message.stopped);
  frame.put(message.not_finite);
  frame.put(message.capped);
  frame.put(message.passes);
  frame.put(message.inner_iterations);
  frame.put(message.dense_work);
  frame.put(message.gradient_norm);
  frame.put(message.compute);
  frame.put(message.pause);
  frame.put(message.queued);
  frame.put(message.idle);
  frame.put_text(message.failure);
  frame.put_counted(std::span(message.scalars));
  frame.put(message.ballast);
  append_ballast(message.id, message.ballast, out);
  frame.put(static_cast<std::uint32_t>(message.vectors.size() + (tail ? 1 : 0)));
  for (const Vector& vector : message.vectors) frame.put_vector(vector, precision);
  if (tail) frame.put(static_cast<std::uint32_t>(tail->numbers->size()));
  frame.finish(tail.get());
  return tail;
}

void encode(const Leaving& message, Bytes& out) {
  FrameWriter frame(MessageKind::leaving, out, kFieldBytes + message.why.size());
  frame.put(message.remaining);
  frame.put_text(message.why);
  frame.finish();
}

void encode(MessageKind kind, Bytes& out) {
  LAGGARD_ASSERT(is_bare(kind),
                 fmt::format("a message of kind {} without content", static_cast<int>(kind)));
  FrameWriter(kind, out, 0).finish();
}

void encode(const Task& task, std::uint32_t sent, std::int64_t begun_before, const Tail& z,
            Bytes& out) {
  LAGGARD_ASSERT(z.numbers == task.z && z.precision == task.precision, "the tail of another task");
  std::size_t operands = 0;
  for (std::size_t i = 0; i < task.operands.size(); ++i)
    operands +=
        kFieldBytes +
        (sent >> i & 1 ? sizeof(double) * static_cast<std::size_t>(task.operands[i].value->size())
                       : 0);
  FrameWriter frame(MessageKind::task, out,
                    kFieldBytes + task.scalars.size() * sizeof(double) +
                        task.parts.size() * sizeof(Part) + operands);
  frame.put(task.id);
  frame.put(task.shard);
  frame.put(begun_before);
  frame.put_counted(std::span(task.scalars));
  frame.put(static_cast<std::uint32_t>(task.parts.size()));
  for (const Part& part : task.parts) {
    frame.put(part.shard);
    frame.put(part.coefficient);
  }
  frame.put(static_cast<std::uint32_t>(task.operands.size()));
  for (std::size_t i = 0; i < task.operands.size(); ++i) {
    const auto& [name, value] = task.operands[i];
    const bool goes_along = sent >> i & 1;
    frame.put(name);
    frame.put(static_cast<std::int64_t>(value->size()));
    frame.put(goes_along);
    if (goes_along) frame.put_numbers(*value, Precision::f64);
  }
  frame.put(task.ballast);
  append_ballast(task.id, task.ballast, out);
  frame.put(static_cast<std::uint32_t>(task.z->size()));
  frame.finish(&z);
}

}  // namespace laggard
