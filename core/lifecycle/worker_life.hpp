// What the life cycle knows of one worker. Used by lifecycle.cpp and lifecycle_rules.cpp alone.
#pragma once

#include "core/lifecycle/lifecycle.hpp"

#include <vector>

namespace laggard {

// One incarnation that is not over.
struct Lifecycle::Life {
  enum class State {
    starting,  // invoked
    loading,   // connected
    ready,
  };
  WorkerKey key;
  std::size_t row = 0;  // of rows_
  State state = State::starting;
  Time invoked{};
  Time give_up{};            // unless it is ready by then
  Time deadline = kForever;  // the platform ends it
  bool leaving = false;      // it is being ended before its time
  bool reported = false;     // at least once

  bool ready() const { return state == State::ready; }
};

struct Lifecycle::Worker {
  struct Sent {
    TaskId task = -1;
    Time at{};
    bool revoked = false;
  };

  WorkerId id = 0;
  std::optional<Life> current, successor;
  std::vector<TaskId> queue;   // submitted, not sent
  std::vector<Sent> open;      // with the current incarnation
  Incarnation last = 0;        // the newest number
  Time next_start = kForever;  // when an incarnation is to be invoked
  bool has_turn = false;       // that instant is its own, as the rate of invocations has it
  int setbacks = 0;            // failed incarnations, one after the other
  int throttles = 0;           // likewise
  Time throttled_since{};
  WorkerKey lost;  // the last incarnation that ended against the plan, and its row
  std::size_t lost_row = 0;
  std::string reason;  // the service gave for an end that was noticed before
  int hand_overs = 0, losses = 0;
  Time due = kForever;  // as the agenda has it

  // The successor waits for the current one's open tasks; no more are sent until then.
  bool draining() const { return successor && successor->ready(); }
  bool ready() const { return current && current->ready(); }
};

// a + b, both at least 0, no later than kForever.
inline Time later(Time a, Time b) { return b > kForever - a ? kForever : a + b; }

}  // namespace laggard
