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

// The sum of what happens often and may take less than to look at the clock twice. After what took
// less than kShort the clock is not asked for the next kSkipped times, and the time behind them
// counts for them too.
template <class Clock = std::chrono::steady_clock>
class LapTime {
 public:
  static constexpr Time kShort = std::chrono::microseconds(1);
  static constexpr int kSkipped = 6;  // seven at a time, for few things come in sevens

  // Adds the time of its life, or leaves it to a later one.
  class Lap {
   public:
    explicit Lap(LapTime& of) : of_(of), timed_(of.to_skip_ == 0) {
      if (timed_) begun_ = Clock::now();
    }
    ~Lap() {
      if (timed_)
        of_.add(Clock::now() - begun_);
      else
        of_.skip();
    }
    Lap(const Lap&) = delete;
    Lap& operator=(const Lap&) = delete;

   private:
    LapTime& of_;
    const bool timed_;
    typename Clock::time_point begun_;
  };

  Time sum() const { return sum_; }

 private:
  void add(Time taken) {
    sum_ += (1 + skipped_) * taken;
    skipped_ = 0;
    to_skip_ = taken < kShort ? kSkipped : 0;
  }
  void skip() {
    --to_skip_;
    ++skipped_;
  }

  Time sum_{};
  int to_skip_ = 0, skipped_ = 0;
};

}  // namespace laggard
