#include "core/results/trace_lane.hpp"

#include <algorithm>
#include <iterator>

namespace laggard {
std::int64_t to_microseconds(Time time) {
  return std::chrono::round<std::chrono::microseconds>(time).count();
}

std::optional<Slice> make_slice(Time begin, Time end) {
  if (begin == kForever || end == kForever) return std::nullopt;
  const Slice slice{to_microseconds(begin), to_microseconds(end)};
  if (slice.begin >= slice.end) return std::nullopt;
  return slice;
}

bool TraceLane::put(const Slice& slice) {
  const auto after = taken_.lower_bound(slice.begin);
  if (after == taken_.begin() && forgot_) return false;
  if (after != taken_.end() && after->first < slice.end) return false;
  if (after != taken_.begin() && std::prev(after)->second > slice.begin) return false;
  taken_.emplace_hint(after, slice.begin, slice.end);
  if (taken_.size() > kRemembered) {
    taken_.erase(taken_.begin());
    forgot_ = true;
  }
  return true;
}

std::optional<Slice> TraceLane::fit(Slice slice) {
  const auto after = taken_.upper_bound(slice.begin);
  if (after != taken_.end()) slice.end = std::min(slice.end, after->first);
  if (after != taken_.begin()) slice.begin = std::max(slice.begin, std::prev(after)->second);
  if (slice.begin >= slice.end || !put(slice)) return std::nullopt;
  return slice;
}

}  // namespace laggard
