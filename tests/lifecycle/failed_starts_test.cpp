// Scripts of starts that come to nothing.
#include "tests/lifecycle/script.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

TEST(FailedStarts, AreRepeatedWithGrowingBackOffUntilTheFleetFails) {
  LifecycleOptions options = options_of(1);
  options.backoff = 1s;
  options.backoff_most = 8s;
  options.most_failed_starts = 6;
  Time longest{};
  for (options.seed = 1; options.seed <= 200; ++options.seed) {
    Lifecycle life(options);
    life.start(0s);
    Time now{};
    for (int i = 1; i < 6; ++i) {
      life.take_actions();
      life.invocation_ended(now, {0, i}, failure("init error"));
      EXPECT_THAT(actions(life), IsEmpty());
      const Time wait = life.next_timer() - now;
      EXPECT_GE(wait, 0s);
      EXPECT_LE(wait, std::min<Time>(1s * (1 << (i - 1)), 8s));
      longest = std::max(longest, wait);
      now += wait;
      life.timer(now);
      EXPECT_THAT(actions(life), ElementsAre(fmt::format("invoke 0.{}", i + 1)));
    }
    life.invocation_ended(now, {0, 6}, failure("the last straw"));
    EXPECT_THAT(actions(life),
                ElementsAre("fail: worker 0 failed to start 6 times in a row: the last straw"));
    EXPECT_EQ(life.next_timer(), kForever);
  }
  EXPECT_GT(longest, 7s) << "the jitter is full";
}

TEST(FailedStarts, HopelessOnesFailTheFleetAtOnce) {
  InvocationEnd end = failure("no such function");
  end.hopeless = true;
  Lifecycle life(options_of(2));
  life.start(0s);
  life.take_actions();
  life.invocation_ended(1s, {1, 1}, end);
  EXPECT_THAT(actions(life), ElementsAre("fail: worker 1: no such function"));
  life.timer(100s);
  EXPECT_THAT(actions(life), IsEmpty());
}

TEST(FailedStarts, AHopelessOneThatIsToldAfterItsConnectionEndedCounts) {
  InvocationEnd end = failure("an older worker");
  end.hopeless = true;
  Lifecycle life(options_of(1));
  life.start(0s);
  EXPECT_EQ(life.hello(0s, kFirst, kForever, true), std::nullopt);
  life.closed(1s, kFirst, "closed by the worker");
  life.take_actions();
  life.invocation_ended(1s, kFirst, end);
  EXPECT_THAT(actions(life), ElementsAre("fail: worker 0: an older worker"));
  EXPECT_EQ(life.rows().at(0).end, "an older worker");
}

TEST(FailedStarts, AStartThatTakesTooLongIsGivenUp) {
  LifecycleOptions options = options_of(1);
  options.start_timeout = 5s;
  Lifecycle life(options);
  life.start(0s);
  life.take_actions();
  EXPECT_EQ(life.next_timer(), 5s);
  life.timer(5s);
  EXPECT_THAT(actions(life), ElementsAre("close 0.1"));
  const Time again = life.next_timer();
  EXPECT_LE(again, 5s + options.backoff);
  life.timer(again);
  EXPECT_THAT(actions(life), ElementsAre("invoke 0.2"));
  EXPECT_EQ(life.hello(again, kSecond, kForever, true), std::nullopt);
  life.timer(again + 5s);  // connected, and never ready
  EXPECT_THAT(actions(life), ElementsAre("close 0.2"));
  EXPECT_EQ(life.rows().at(0).end, "it did not connect within 5 s");
  EXPECT_EQ(life.rows().at(1).end, "its shards were not loaded within 5 s");
}

TEST(Throttling, IsNoFailedStartButItIsNotForEver) {
  LifecycleOptions options = options_of(1);
  options.start_timeout = 20s;
  options.most_failed_starts = 2;
  Lifecycle life(options);
  life.start(0s);
  InvocationEnd end = failure("429");
  end.throttled = true;
  end.retry_after = 4s;
  Time now{};
  for (int i = 1; now < 100s; ++i) {  // five start timeouts
    life.take_actions();
    life.invocation_ended(now, {0, i}, end);
    EXPECT_THAT(actions(life), IsEmpty());
    EXPECT_GE(life.next_timer(), now + 4s);
    life.timer(now = life.next_timer());
  }
  life.take_actions();
  life.invocation_ended(now, {0, life.current(0)}, end);
  EXPECT_THAT(actions(life), ElementsAre(HasSubstr("fail: worker 0 was throttled for ")));
}

TEST(Throttling, IsCountedFromTheLastStartThatGotThrough) {
  LifecycleOptions options = options_of(1);
  options.start_timeout = 20s;
  Lifecycle life(options);
  InvocationEnd end = failure("429");
  end.throttled = true;
  life.start(0s);
  life.invocation_ended(0s, kFirst, end);
  life.timer(1s);
  EXPECT_EQ(life.hello(2s, kSecond, kForever, true), std::nullopt);
  life.ready(2s, kSecond);
  life.submit(2s, 0, 1);
  EXPECT_TRUE(life.report(3s, kSecond, 1));
  life.closed(200s, kSecond, "reset");
  life.timer(201s);
  life.take_actions();
  life.invocation_ended(201s, kThird, end);
  EXPECT_THAT(actions(life), IsEmpty());
  EXPECT_NE(life.next_timer(), kForever);
}

}  // namespace
}  // namespace laggard::testing
