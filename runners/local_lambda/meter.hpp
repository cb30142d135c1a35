// The meter, written by the endpoint's thread and read by others.
#pragma once

#include "runners/local_lambda/local_lambda.hpp"

#include <mutex>

namespace laggard::local {

class Meter {
 public:
  template <class Change>
  void update(const Change& change) {
    const std::lock_guard lock(mutex_);
    change(value_);
  }
  LocalLambdaMeter value() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

 private:
  mutable std::mutex mutex_;
  LocalLambdaMeter value_;
};

}  // namespace laggard::local
