// Messages with something in every field, and what to do with their frames.
#pragma once

#include "tests/support/whole_frames.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace laggard::testing {

inline constexpr int kFeatures = 5;
inline constexpr int kShards = 7;
inline constexpr int kNumbers = 2 * kFeatures;  // the most in a message
inline constexpr Limits kLimits{kNumbers, kShards, Precision::f64};
inline constexpr Limits kShort{kNumbers, kShards, Precision::f32};

Hello sample_hello();
Task sample_prox();          // with one operand
Task sample_two_operands();  // the second is nobody's: zeros
Task sample_gradient();      // with three parts
Task sample_payload();       // with ballast, and z empty
ReportMessage sample_report();
ReportMessage sample_two_vectors();  // and three scalars
ReportMessage sample_failure();
ReportMessage sample_ballast();

// A task as `message` has it, and which operands went along: what encode() takes.
Task to_task(const TaskMessage& message, Precision precision);
std::uint32_t sent_of(const TaskMessage& message);

struct Sample {
  std::string name;
  Limits limits;
  Bytes frame;
  // Decodes a payload of this kind; returns the frame that what was read encodes to.
  std::function<Bytes(ByteSpan)> read;
};
// One or more of every kind of message.
std::vector<Sample> samples();

inline std::span<const std::byte, kFrameHeaderBytes> header_of(const Bytes& frame) {
  return std::span<const std::byte, kFrameHeaderBytes>(frame.data(), kFrameHeaderBytes);
}
inline ByteSpan payload_of(const Bytes& frame) {
  return ByteSpan(frame).subspan(kFrameHeaderBytes);
}
// As of a frame with this header, the tail the last of the payload.
inline void check_whole(std::span<const std::byte, kFrameHeaderBytes> header, ByteSpan payload) {
  const std::size_t tail =
      std::min<std::size_t>(decode_header(header, ~std::uint64_t{0}).tail_bytes, payload.size());
  check_payload(header, payload.first(payload.size() - tail), payload.last(tail));
}

}  // namespace laggard::testing
