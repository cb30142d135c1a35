// What protocols and methods both speak of.
#pragma once

namespace laggard {

// What a shard whose contribution is not new counts as in an update.
enum class Absent {
  reuse,     // its last accepted contribution
  left_out,  // nothing: the update is over the new ones alone
};

}  // namespace laggard
