// Frames of tasks and reports in one piece, as they are on the wire.
#pragma once

#include "core/wire/messages.hpp"

namespace laggard {

inline void append_tail(const Tail& tail, Bytes& out) {
  const ByteSpan bytes = tail.bytes();
  out.insert(out.end(), bytes.begin(), bytes.end());
}

inline void encode(const Task& task, std::uint32_t sent, std::int64_t begun_before, Bytes& out) {
  const SharedTail tail = make_tail(task.z, task.precision);
  encode(task, sent, begun_before, *tail, out);
  append_tail(*tail, out);
}

inline void encode_whole(const ReportMessage& report, Precision precision, Bytes& out) {
  if (const SharedTail tail = encode(report, precision, out)) append_tail(*tail, out);
}

}  // namespace laggard
