// A protocol that is driven report by report: no clock, no worker, no arithmetic. What it then
// sends, takes, throws away and updates is the protocol's own doing.
#pragma once

#include "core/schedule/session.hpp"

#include <string>
#include <string_view>

namespace laggard::testing {

struct Script {
  std::string protocol;
  int workers = 1;
  int shards = 0;             // 0: the protocol's default
  OptionValues options = {};  // of the protocol, where they are not the defaults
  bool additive = false;      // the method's contributions add up
  std::vector<std::vector<ShardId>> neighbours = {};  // of each shard, where they have own models
};

// Plays `steps`, one a line, and returns the same lines with what happens after the arrow. Left of
// it stands whose report arrives, that of the worker's oldest task; the first line is "start". On
// the right, in the order of the events:
//
//   send 0 to 1      a task for shard 0 with the newest z, to worker 1; "0+1": for a coded sum
//   take 2           worker 2's report counts in the next update (its age: "take 2 (3 rounds old)")
//   drop 2           worker 2's report is thrown away
//   stop 1           worker 1 is told to give up its oldest open task
//   gone 1           the report of a task that was given up, which nobody sees
//   nothing          it waits on
//   decode           the sum over all shards is taken from coded reports
//   z3 of 0 2        update 3, with new contributions of these shards, and the last ones of others
//   z3 of 0 2 alone  the same without the others
//
// Lines are trimmed, so that they may be indented in a test.
std::string play(const Script& script, std::string_view steps);

// `steps` with its lines trimmed, for comparison.
std::string trimmed(std::string_view steps);

}  // namespace laggard::testing

// The right-hand side is what the definition says [math 4]; the left-hand side is played.
#define EXPECT_STEPS(script, steps) \
  EXPECT_EQ(::laggard::testing::play(script, steps), ::laggard::testing::trimmed(steps))
