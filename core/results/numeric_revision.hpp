// Which numbers a program makes.
#pragma once

namespace laggard {

// Part of a run's identity. To be raised by hand with every change that gives iterates other bits
// under the same options, so that results of before are not taken for those of after.
inline constexpr int kNumericRevision = 4;

}  // namespace laggard
