// What coordinator and worker say to each other. Plain data and pure functions; no sockets.
// Durations cross the wire, never clocks. Every integer is little-endian, every number of a vector
// a double, or a float where the run's wire precision says so.
#pragma once

#include "core/task/precision.hpp"
#include "core/task/task.hpp"
#include "core/task/types.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace laggard {

// A frame or a message that breaks the format: the peer is not to be listened to any more.
struct WireError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

using Bytes = std::vector<std::byte>;
using ByteSpan = std::span<const std::byte>;

enum class MessageKind : std::uint16_t {
  hello = 1,      // worker: who it is, with its proof; the first message of a connection
  welcome,        // coordinator: accepted; what the work is
  reject,         // coordinator: refused, and why; it then closes
  shard_request,  // worker: send me the rows of this shard
  shard,          // coordinator: the rows of a shard
  ready,          // worker: its shards are loaded
  task,           // coordinator
  revoke,         // coordinator: drop the task, or stop it
  report,         // worker: the answer to a task, once for each
  heartbeat,      // worker: alive, every second or so
  leaving,        // worker: told to end (SIGTERM, deadline); it still serves what it has
  goodbye,        // coordinator: no more work; the worker ends
};

// Those that say all by their kind: ready, heartbeat, goodbye.
bool is_bare(MessageKind kind);

// ---- Frames: a header of fixed size, then the payload. The numbers that a task or a report ends
// with are the payload's tail, which has a checksum of its own: what all tasks of a round end with
// is encoded once, and numbers go from where they are to where they stay ----

inline constexpr std::uint32_t kMagic = 0x4c414747;  // "LAGG"
inline constexpr std::uint16_t kWireVersion = 6;
// magic u32, version u16, kind u16, payload bytes u64, of them the tail's u64, checksum u64:
// XXH3-64 of the payload before its tail, seeded with the XXH3-64 of the 24 bytes before the
// checksum, which is seeded with that of the tail, or with 0 where there is none.
inline constexpr std::size_t kFrameHeaderBytes = 32;
// No message but welcome, task, shard and report is larger.
inline constexpr std::size_t kSmallPayloadBytes = 64 * 1024;
// Names and ranges of all the shards of a worker.
inline constexpr std::size_t kWelcomePayloadBytes = 16 * 1024 * 1024;
// Texts for people are cut to so many bytes.
inline constexpr std::size_t kTextBytes = 4096;
// And of the scalars of a task or a report there are at most so many.
inline constexpr std::uint32_t kMostScalars = 4096;

struct FrameHeader {
  MessageKind kind{};
  std::uint64_t payload_bytes = 0;
  std::uint64_t tail_bytes = 0;  // of them
  std::uint64_t checksum = 0;
};

// As it comes in.
struct Frame {
  FrameHeader header;
  Bytes payload;  // without the tail
  Vector tail;    // its bytes, as those of numbers
};

// To be sent at the end of a frame, or of many.
struct Tail {
  SharedVector numbers;
  std::vector<float> floats;  // they, rounded, where they are sent so
  Precision precision = Precision::f64;
  std::uint64_t checksum = 0;

  ByteSpan bytes() const;
};
using SharedTail = std::shared_ptr<const Tail>;
SharedTail make_tail(SharedVector numbers, Precision precision);

// Throws WireError: wrong magic, version (named), unknown kind, more payload than `most_bytes`, or
// a tail that the payload or the kind has no room for.
FrameHeader decode_header(std::span<const std::byte, kFrameHeaderBytes> bytes,
                          std::uint64_t most_bytes);
// Of a frame that is known to be one.
MessageKind kind_of(ByteSpan frame);
// Throws WireError if `payload`, before its tail, and `tail` are not what the header's checksum is
// of.
void check_payload(std::span<const std::byte, kFrameHeaderBytes> header, ByteSpan payload,
                   ByteSpan tail);

// ---- Messages ----

using RunId = std::array<std::byte, 16>;
using Nonce = std::array<std::byte, 16>;
using Proof = std::array<std::byte, 32>;

struct Hello {
  RunId run{};
  WorkerId worker = 0;
  int incarnation = 0;
  Nonce nonce{};
  Proof proof{};              // see proof.hpp
  Time remaining = kForever;  // until the platform ends the worker
  bool cold = true;           // the first invocation of its environment
  std::string version;        // of Laggard
};

struct Welcome {
  std::string work;  // JSON, see work.hpp
  Time heartbeat{};  // the worker's period
};

struct Reject {
  std::string reason;
};

struct ShardRequest {
  ShardId shard = 0;
};

// An operand of a task. It goes along where the worker does not hold it.
struct OperandMessage {
  OperandName name = kZeroOperand;
  std::int64_t size = 0;
  bool sent = false;
  Vector value;  // `size` numbers where it was sent, else none
};

struct TaskMessage {
  TaskId id = 0;
  ShardId shard = 0;
  std::int64_t begun_before =
      0;  // tasks that the worker's earlier incarnations began: stragglers go on from there
  std::vector<double> scalars;
  std::vector<Part> parts;
  std::vector<OperandMessage> operands;
  Vector z;
  std::int64_t ballast = 0;  // bytes, see Task; they are checked when they are read
};

struct RevokeMessage {
  TaskId id = 0;
};

struct ReportMessage {
  TaskId id = 0;
  ShardId shard = 0;
  std::string failure;   // empty: there is a contribution, or the task was revoked. One line
  bool stopped = false;  // revoked: no contribution
  bool not_finite =
      false;  // the result has numbers that are not finite, or are not as floats: no contribution
  bool capped = false;
  std::int64_t passes = 0;
  std::int64_t inner_iterations = 0;
  std::int64_t dense_work = 0;
  double gradient_norm = 0;
  Time compute{};  // from begin, or from the pause's end, to report ready, an injected delay
                   // included; 0: not begun
  Time pause{};    // injected, before the computation
  Time queued{};   // from receipt of the task until it began
  Time idle{};     // from the worker's report before this until receipt of the task; 0 if it was
                   // received earlier than that, kForever for the first of an incarnation
  bool contributes = false;  // there is a contribution, and no failure
  std::vector<double> scalars;
  std::vector<Vector> vectors;
  std::int64_t ballast = 0;
};

struct Leaving {
  Time remaining = kForever;  // until the worker is ended by force
  std::string why;
};

// ---- Encoding: each appends one whole frame to `out` and allocates only if `out` must grow.
// Control characters in texts for people become blanks. ----

void encode(const Hello& message, Bytes& out);
void encode(const Welcome& message, Bytes& out);
void encode(const Reject& message, Bytes& out);
void encode(const ShardRequest& message, Bytes& out);
void encode(const RevokeMessage& message, Bytes& out);
void encode(const Leaving& message, Bytes& out);
void encode(MessageKind bare, Bytes& out);
// Those that end with a tail append the frame up to it. Of a task: straight from it, so that no
// vector is copied but into the frame; the operands whose bits are set in `sent` go along; `z` is
// the tail that was made of task.z.
void encode(const Task& task, std::uint32_t sent, std::int64_t begun_before, const Tail& z,
            Bytes& out);
// Returns the tail; null: there is none.
SharedTail encode(ReportMessage message, Precision precision, Bytes& out);

// ---- Decoding: into `message`, whose memory is reused; throws WireError ----

// What a well-formed message of the run may hold.
struct Limits {
  std::int64_t numbers = 0;  // the most in a task, or in a report; 8 bytes of ballast are one
  int shards = 0;            // P
  Precision precision = Precision::f64;
};

// The most that the payload of a message of this kind can measure in this run.
std::uint64_t most_payload_bytes(MessageKind kind, const Limits& limits,
                                 std::uint64_t most_shard_bytes);

void decode(ByteSpan payload, Hello& message);
void decode(ByteSpan payload, Welcome& message);
void decode(ByteSpan payload, Reject& message);
void decode(ByteSpan payload, ShardRequest& message);
void decode(ByteSpan payload, RevokeMessage& message);
void decode(ByteSpan payload, Leaving& message);
// Throws too where there are more numbers than may be, a shard is not below P, or a number is not
// finite.
void decode(ByteSpan payload, const Limits& limits, TaskMessage& message);
// Likewise, and where there are numbers without a contribution, or a time or a count is beyond all
// reason.
void decode(ByteSpan payload, const Limits& limits, ReportMessage& message);
// The same of frames whose tail is apart. Its memory goes to `message`, and another may come back.
void decode(Frame& frame, const Limits& limits, TaskMessage& message);
void decode(Frame& frame, const Limits& limits, ReportMessage& message);

}  // namespace laggard
