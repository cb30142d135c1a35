// Rounds of coded messages: one of each worker, until those that came decode well enough.
#pragma once

#include "core/coding/code.hpp"
#include "core/schedule/session.hpp"

namespace laggard {

struct CodeRounds {
  int quorum = 1;  // decoding is tried from so many messages on
  // Largest errors of a decoding. One with larger ones waits for one more message; the run fails
  // where none is left.
  double most_error = kInfinity;
  double most_rms_error = kInfinity;
  bool preempts = true;  // what is not needed any more is stopped
};

// The coroutine of a protocol. code: of as many workers and shards; must outlive it.
asio::awaitable<void> run_code_rounds(Session& s, Code& code, CodeRounds rounds);

}  // namespace laggard
