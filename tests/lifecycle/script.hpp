// For scripts: events in, actions out.
#pragma once

#include "core/io/error.hpp"
#include "core/lifecycle/lifecycle.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace laggard::testing {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

inline constexpr WorkerKey kFirst{0, 1}, kSecond{0, 2}, kThird{0, 3};

inline std::string text(const Action& action) {
  static const char* const kKinds[] = {"invoke", "send", "revoke",  "goodbye",
                                       "close",  "lost", "dropped", "fail"};
  const std::string kind = kKinds[static_cast<int>(action.kind)];
  if (action.kind == Action::Kind::fail) return kind + ": " + action.why;
  std::string line = fmt::format("{} {}.{}", kind, action.key.worker, action.key.incarnation);
  if (action.task >= 0) line += fmt::format(" task {}", action.task);
  return line;
}

inline std::vector<std::string> actions(Lifecycle& life) {
  std::vector<std::string> lines;
  for (const Action& action : life.take_actions()) lines.push_back(text(action));
  return lines;
}

inline LifecycleOptions options_of(int workers, Time timeout = kForever) {
  LifecycleOptions options;
  options.workers = workers;
  options.timeout = timeout;
  return options;
}

inline void up(Lifecycle& life, Time now, WorkerKey key) {
  EXPECT_EQ(life.hello(now, key, kForever, true), std::nullopt);
  life.ready(now, key);
}

// One worker, ready at 0.
struct Ready : Lifecycle {
  explicit Ready(Time timeout = kForever) : Lifecycle(options_of(1, timeout)) {
    start(0s);
    up(*this, 0s, kFirst);
    take_actions();
  }
};

inline InvocationEnd failure(std::string why) {
  InvocationEnd end;
  end.failed = true;
  end.why = std::move(why);
  return end;
}

}  // namespace laggard::testing
