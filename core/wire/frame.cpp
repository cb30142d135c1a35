#include "core/wire/frame_writer.hpp"

#include <fmt/format.h>
#include <xxhash.h>

namespace laggard {
namespace {

template <class T>
T read_at(ByteSpan bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

}  // namespace

std::uint64_t frame_checksum(ByteSpan first_sixteen, ByteSpan payload) {
  const std::uint64_t seed = XXH3_64bits(first_sixteen.data(), first_sixteen.size());
  return XXH3_64bits_withSeed(payload.data(), payload.size(), seed);
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
  header.checksum = read_at<std::uint64_t>(bytes, 16);
  if (header.payload_bytes > most_bytes)
    throw WireError(fmt::format("a frame of kind {} and {} bytes; expected at most {}", kind,
                                header.payload_bytes, most_bytes));
  return header;
}

MessageKind kind_of(ByteSpan frame) {
  return static_cast<MessageKind>(read_at<std::uint16_t>(frame, 6));
}

void check_payload(std::span<const std::byte, kFrameHeaderBytes> header, ByteSpan payload) {
  if (frame_checksum(header.first(16), payload) != read_at<std::uint64_t>(header, 16))
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
