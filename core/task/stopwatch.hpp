// Where the time of this machine goes, as opposed to the fleet's.
#pragma once

#include "core/task/types.hpp"

namespace laggard {

// Adds the time of its life to `sum`.
class Stopwatch {
 public:
  explicit Stopwatch(Time& sum) : sum_(sum) {}
  ~Stopwatch() { sum_ += std::chrono::steady_clock::now() - begun_; }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  Time& sum_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace laggard
