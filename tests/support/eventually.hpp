// The one place where a test waits for another process or thread by asking again and again.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace laggard {

// True as soon as the condition holds; false if it does not within 20 s.
inline bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace laggard
