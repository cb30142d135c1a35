// Bytes that stand for something else: of stream payload, by the id of their task.  [math 16]
#pragma once

#include "core/wire/messages.hpp"

namespace laggard {

void append_ballast(TaskId id, std::int64_t bytes, Bytes& out);
// Whether these are they.
bool is_ballast(TaskId id, ByteSpan bytes);

}  // namespace laggard
