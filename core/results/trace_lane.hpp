// A lane of a trace: intervals in time that never overlap.
#pragma once

#include "core/task/types.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace laggard {

// In whole microseconds, the unit of traces. Ends of times are rounded, not lengths: what meets in
// nanoseconds meets here too.
struct Slice {
  std::int64_t begin = 0, end = 0;

  friend bool operator==(const Slice&, const Slice&) = default;
};

// Of times that came.
std::int64_t to_microseconds(Time time);

// Nothing where it would have no length, or where one of its ends never came.
std::optional<Slice> make_slice(Time begin, Time end);

class TraceLane {
 public:
  // Puts the slice there, if the lane is free at that time. Slices may come in any order, as long
  // as none is older than the last kRemembered.
  bool put(const Slice& slice);
  // Likewise, but what overlaps its neighbours is cut off. Nothing: no time is left.
  std::optional<Slice> fit(Slice slice);

 private:
  static constexpr std::size_t kRemembered = 64;

  std::map<std::int64_t, std::int64_t> taken_;  // from begin to end: the latest
  bool forgot_ = false;                         // there were earlier ones
};

}  // namespace laggard
