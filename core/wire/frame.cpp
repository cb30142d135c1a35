#include "core/problem/vector_width.hpp"
#include "core/problem/xxh3.hpp"
#include "core/wire/frame_writer.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

template <class T>
T read_at(ByteSpan bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

}  // namespace

std::uint64_t tail_checksum(ByteSpan tail) {
  return tail.empty() ? 0 : xxh3(tail.data(), tail.size());
}

std::uint64_t frame_checksum(ByteSpan header, ByteSpan payload, std::uint64_t of_tail) {
  return xxh3(payload.data(), payload.size(), xxh3(header.data(), kChecksumAt, of_tail));
}

ByteSpan Tail::bytes() const {
  if (precision == Precision::f32) return std::as_bytes(std::span(floats));
  return std::as_bytes(std::span(numbers->data(), static_cast<std::size_t>(numbers->size())));
}

SharedTail make_tail(SharedVector numbers, Precision precision) {
  auto tail = std::make_shared<Tail>();
  tail->numbers = std::move(numbers);
  tail->precision = precision;
  if (precision == Precision::f32) {
    const Vector& values = *tail->numbers;
    tail->floats.resize(static_cast<std::size_t>(values.size()));
    with_widest_vectors([n = tail->floats.size(), from = values.data(), to = tail->floats.data()]()
                            LAGGARD_INLINE {
                              for (std::size_t i = 0; i < n; ++i)
                                to[i] = static_cast<float>(from[i]);
                            });
  }
  tail->checksum = tail_checksum(tail->bytes());
  return tail;
}

FrameHeader decode_header(std::span<const std::byte, kFrameHeaderBytes> bytes,
                          std::uint64_t most_bytes) {
  if (read_at<std::uint32_t>(bytes, 0) != kMagic) throw WireError("not a frame of Laggard");
  const auto version = read_at<std::uint16_t>(bytes, 4);
  if (version != kWireVersion)
    throw WireError(fmt::format("a frame of wire version {}; expected {}", version, kWireVersion));
  const auto kind = read_at<std::uint16_t>(bytes, 6);
  if (kind < static_cast<std::uint16_t>(MessageKind::hello) ||
      kind > static_cast<std::uint16_t>(MessageKind::goodbye))
    throw WireError(fmt::format("a frame of unknown kind {}", kind));
  FrameHeader header;
  header.kind = static_cast<MessageKind>(kind);
  header.payload_bytes = read_at<std::uint64_t>(bytes, 8);
  header.tail_bytes = read_at<std::uint64_t>(bytes, 16);
  header.checksum = read_at<std::uint64_t>(bytes, kChecksumAt);
  if (header.payload_bytes > most_bytes)
    throw WireError(fmt::format("a frame of kind {} and {} bytes; expected at most {}", kind,
                                header.payload_bytes, most_bytes));
  const bool may = header.kind == MessageKind::task || header.kind == MessageKind::report;
  if (header.tail_bytes > (may ? header.payload_bytes : 0))
    throw WireError(
        fmt::format("a frame of kind {} with a tail of {} bytes", kind, header.tail_bytes));
  return header;
}

MessageKind kind_of(ByteSpan frame) {
  return static_cast<MessageKind>(read_at<std::uint16_t>(frame, 6));
}

void check_payload(std::span<const std::byte, kFrameHeaderBytes> header, ByteSpan payload,
                   ByteSpan tail) {
  if (frame_checksum(header, payload, tail_checksum(tail)) !=
      read_at<std::uint64_t>(header, kChecksumAt))
    throw WireError("a frame whose checksum is wrong");
}

std::uint64_t most_payload_bytes(MessageKind kind, const Limits& limits,
                                 std::uint64_t most_shard_bytes) {
  const auto shards = static_cast<std::uint64_t>(limits.shards);
  const std::uint64_t numbers = static_cast<std::uint64_t>(limits.numbers) * sizeof(double);
  constexpr std::uint64_t kPartBytes = sizeof(ShardId) + sizeof(double);
  switch (kind) {
    case MessageKind::welcome:
      return kWelcomePayloadBytes;
    case MessageKind::task:
      return kSmallPayloadBytes + shards * kPartBytes + numbers;
    case MessageKind::report:
      return kSmallPayloadBytes + numbers;
    case MessageKind::shard:
      return sizeof(ShardId) + most_shard_bytes;
    default:
      return is_bare(kind) ? 0 : kSmallPayloadBytes;
  }
}

bool is_bare(MessageKind kind) {
  return kind == MessageKind::ready || kind == MessageKind::heartbeat ||
         kind == MessageKind::goodbye;
}

}  // namespace laggard
