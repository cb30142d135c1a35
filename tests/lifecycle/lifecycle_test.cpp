// Scripts: events in, actions out.
#include "tests/lifecycle/script.hpp"

#include <gtest/gtest.h>

#include <set>

namespace laggard::testing {
namespace {

TEST(Start, WorkersAreInvokedEvenlySpaced) {
  LifecycleOptions options = options_of(3);
  options.invoke_rate = 10;
  Lifecycle life(options);
  life.start(1s);
  EXPECT_THAT(actions(life), ElementsAre("invoke 0.1"));
  EXPECT_EQ(life.next_timer(), 1100ms);
  life.timer(1050ms);
  EXPECT_THAT(actions(life), IsEmpty());
  life.timer(1100ms);
  EXPECT_THAT(actions(life), ElementsAre("invoke 1.1"));
  life.timer(1300ms);
  EXPECT_THAT(actions(life), ElementsAre("invoke 2.1"));
}

TEST(Start, TheRateHoldsForThoseThatReplaceALostWorkerToo) {
  LifecycleOptions options = options_of(3);
  options.invoke_rate = 10;
  options.backoff = Time{};
  Lifecycle life(options);
  life.start(0s);
  life.timer(200ms);
  EXPECT_THAT(actions(life), ElementsAre("invoke 0.1", "invoke 1.1", "invoke 2.1"));
  for (WorkerId w = 0; w < 3; ++w) life.invocation_ended(210ms, {w, 1}, failure("gone"));
  EXPECT_THAT(actions(life), IsEmpty());
  EXPECT_EQ(life.next_timer(), 300ms);
  life.timer(300ms);
  EXPECT_THAT(actions(life), ElementsAre("invoke 0.2"));
  life.timer(400ms);
  EXPECT_THAT(actions(life), ElementsAre("invoke 1.2"));
  life.timer(10s);
  EXPECT_THAT(actions(life), ElementsAre("invoke 2.2"));
  life.invocation_ended(20s, {0, 2}, failure("gone"));
  EXPECT_THAT(actions(life), ElementsAre("invoke 0.3")) << "a turn that nobody took is not missed";
}

TEST(Start, AnInfiniteRateInvokesAllAtOnce) {
  Lifecycle life(options_of(3));
  life.start(0s);
  EXPECT_THAT(actions(life), ElementsAre("invoke 0.1", "invoke 1.1", "invoke 2.1"));
}

TEST(Tasks, WaitUntilTheWorkerIsReadyAndGoInOrder) {
  Lifecycle life(options_of(1));
  life.start(0s);
  life.submit(0s, 0, 7);
  life.submit(0s, 0, 3);
  EXPECT_THAT(actions(life), ElementsAre("invoke 0.1"));
  EXPECT_EQ(life.hello(1s, kFirst, kForever, true), std::nullopt);
  EXPECT_THAT(actions(life), IsEmpty());
  EXPECT_FALSE(life.is_ready(0));
  life.ready(2s, kFirst);
  EXPECT_TRUE(life.is_ready(0));
  EXPECT_THAT(actions(life), ElementsAre("send 0.1 task 7", "send 0.1 task 3"));
  life.submit(3s, 0, 9);
  EXPECT_THAT(actions(life), ElementsAre("send 0.1 task 9"));
}

TEST(Tasks, AnAnswerCountsOnce) {
  Ready life;
  life.submit(0s, 0, 7);
  EXPECT_TRUE(life.report(1s, kFirst, 7));
  EXPECT_FALSE(life.report(1s, kFirst, 7));
  EXPECT_FALSE(life.report(1s, kFirst, 8));
  EXPECT_FALSE(life.report(1s, {5, 1}, 7));
}

TEST(Tasks, SubmittedTwiceIsADefect) {
  Ready life;
  life.submit(0s, 0, 7);
  EXPECT_THROW(life.submit(0s, 0, 7), InvariantViolation);
  EXPECT_THROW(life.submit(0s, 1, 8), InvariantViolation);
  EXPECT_THROW(life.timer(-1s), InvariantViolation);
}

TEST(Tasks, RevokedWithTheWorkerTheyAreStillAnswered) {
  Ready life;
  life.submit(0s, 0, 7);
  life.take_actions();
  life.revoke(1s, 7);
  life.revoke(1s, 7);
  EXPECT_THAT(actions(life), ElementsAre("revoke 0.1 task 7"));
  EXPECT_TRUE(life.report(2s, kFirst, 7));
  life.revoke(3s, 7);
  EXPECT_THAT(actions(life), IsEmpty());
}

TEST(Tasks, RevokedBeforeTheyAreSentTheyNeverAre) {
  Lifecycle life(options_of(1));
  life.start(0s);
  life.submit(0s, 0, 7);
  life.submit(0s, 0, 8);
  life.take_actions();
  life.revoke(1s, 7);
  EXPECT_THAT(actions(life), ElementsAre("dropped 0.0 task 7"));
  up(life, 2s, kFirst);
  EXPECT_THAT(actions(life), ElementsAre("send 0.1 task 8"));
}

TEST(Hello, IsAcceptedOncePerIncarnation) {
  Lifecycle life(options_of(1));
  EXPECT_THAT(life.hello(0s, kFirst, kForever, true).value(), HasSubstr("never started"));
  life.start(0s);
  EXPECT_THAT(life.hello(0s, {1, 1}, kForever, true).value(), HasSubstr("not of this fleet"));
  EXPECT_THAT(life.hello(0s, {-1, 1}, kForever, true).value(), HasSubstr("not of this fleet"));
  EXPECT_THAT(life.hello(0s, kSecond, kForever, true).value(), HasSubstr("never started"));
  EXPECT_EQ(life.hello(0s, kFirst, kForever, true), std::nullopt);
  EXPECT_THAT(life.hello(0s, kFirst, kForever, true).value(), HasSubstr("connected already"));
  life.closed(1s, kFirst, "reset");
  EXPECT_THAT(life.hello(1s, kFirst, kForever, true).value(), HasSubstr("over"));
}

TEST(Loss, FailsWhatTheWorkerHadAndKeepsWhatItHadNot) {
  Ready life(100s);
  for (TaskId task = 1; task <= 2; ++task) life.submit(0s, 0, task);
  life.revoke(0s, 1);
  life.timer(95s);         // the successor is invoked
  up(life, 96s, kSecond);  // and waits for the boundary
  life.submit(96s, 0, 3);
  life.take_actions();
  life.closed(97s, kFirst, "silence");
  EXPECT_THAT(actions(life), ElementsAre("lost 0.1 task 1", "lost 0.1 task 2", "send 0.2 task 3"));
  EXPECT_EQ(life.losses(0), 1);
  EXPECT_EQ(life.hand_overs(0), 0);
}

TEST(Loss, AWorkerThatHadServedIsStartedAnewAtOnceAndItsGhostIsNotHeard) {
  Ready life;
  life.submit(0s, 0, 1);
  EXPECT_TRUE(life.report(1s, kFirst, 1));
  life.submit(1s, 0, 2);
  life.take_actions();
  life.closed(2s, kFirst, "silence");
  EXPECT_THAT(actions(life), ElementsAre("lost 0.1 task 2", "invoke 0.2"));
  life.submit(2s, 0, 2);
  EXPECT_FALSE(life.report(3s, kFirst, 2));
  up(life, 4s, kSecond);
  EXPECT_THAT(actions(life), ElementsAre("send 0.2 task 2"));
  EXPECT_FALSE(life.report(4s, kFirst, 2));
  EXPECT_TRUE(life.report(5s, kSecond, 2));
}

TEST(Loss, TheEndOfTheInvocationClosesTheConnection) {
  Ready life;
  life.submit(0s, 0, 1);
  life.take_actions();
  life.invocation_ended(1s, kFirst, failure("out of memory"));
  const std::vector<Action> taken = life.take_actions();
  EXPECT_EQ(text(taken.at(0)), "close 0.1");
  EXPECT_EQ(text(taken.at(1)), "lost 0.1 task 1");
  EXPECT_EQ(taken.at(1).why, "out of memory");
}

TEST(HandOver, TheSuccessorTakesOverAtATaskBoundary) {
  Ready life(100s);
  EXPECT_EQ(life.next_timer(), 90s);  // worker 0 has no share of the stagger
  life.submit(89s, 0, 1);
  life.timer(90s);
  EXPECT_THAT(actions(life), ElementsAre("send 0.1 task 1", "invoke 0.2"));
  EXPECT_EQ(life.hello(91s, kSecond, kForever, true), std::nullopt);
  life.submit(91s, 0, 2);  // the successor loads; the old one goes on
  EXPECT_THAT(actions(life), ElementsAre("send 0.1 task 2"));
  life.ready(92s, kSecond);
  life.submit(92s, 0, 3);
  EXPECT_THAT(actions(life), IsEmpty());
  EXPECT_FALSE(life.report(92s, kSecond, 1)) << "it was not sent that";
  EXPECT_TRUE(life.report(93s, kFirst, 1));
  EXPECT_THAT(actions(life), IsEmpty());
  EXPECT_EQ(life.current(0), 1);
  EXPECT_TRUE(life.report(94s, kFirst, 2));
  EXPECT_THAT(actions(life), ElementsAre("goodbye 0.1", "send 0.2 task 3"));
  EXPECT_EQ(life.current(0), 2);
  EXPECT_EQ(life.hand_overs(0), 1);
  EXPECT_EQ(life.losses(0), 0);
  life.closed(95s, kFirst, "closed after goodbye");
  life.invocation_ended(95s, kFirst, failure("timed out"));
  EXPECT_THAT(actions(life), IsEmpty());
  EXPECT_EQ(life.rows().at(0).end, "handed over");
  EXPECT_TRUE(life.report(96s, kSecond, 3));
}

TEST(HandOver, IsSpreadOverAFifthOfTheLifetime) {
  constexpr int kWorkers = 20;
  Lifecycle life(options_of(kWorkers, 100s));
  life.start(0s);
  for (WorkerId w = 0; w < kWorkers; ++w) up(life, 0s, {w, 1});
  life.take_actions();
  std::set<Time> times;
  for (Time next = life.next_timer(); static_cast<int>(times.size()) < kWorkers;
       next = life.next_timer()) {
    ASSERT_GT(next, 69s);
    ASSERT_LE(next, 90s);
    life.timer(next);
    for (const Action& action : life.take_actions()) {
      if (action.kind == Action::Kind::invoke) times.insert(next);
      up(life, next, action.key);
    }
    life.take_actions();
  }
  Time widest{}, before = *times.begin();
  for (const Time t : times) widest = std::max(widest, t - before), before = t;
  EXPECT_GE(*times.rbegin() - *times.begin(), 17s);
  EXPECT_LE(widest, 2s) << "twice an even spacing";
}

TEST(HandOver, BeginsEarlierWhereTasksOrStartsAreLong) {
  Lifecycle life(options_of(1, 100s));
  life.start(0s);
  up(life, 4s, kFirst);
  EXPECT_EQ(life.hand_over_margin(), 10s);
  life.submit(4s, 0, 1);
  EXPECT_TRUE(life.report(14s, kFirst, 1));
  EXPECT_EQ(life.hand_over_margin(), 2 * 10s + 4s);
  EXPECT_EQ(life.next_timer(), 100s - 24s);
  life.submit(14s, 0, 2);
  EXPECT_TRUE(life.report(70s, kFirst, 2));
  EXPECT_EQ(life.hand_over_margin(), 50s) << "half of the timeout at most";
}

TEST(HandOver, GoesByWhatTheWorkerSaysIsLeft) {
  Lifecycle life(options_of(1, 100s));
  life.start(0s);
  EXPECT_EQ(life.hello(1s, kFirst, 39s, false), std::nullopt);  // ends at 40 s, of 40
  life.ready(1s, kFirst);
  EXPECT_EQ(life.next_timer(), 36s);
}

TEST(HandOver, ASuccessorThatFailsToStartIsTriedAgainWhileTheOldOneServes) {
  LifecycleOptions options = options_of(1, 1000s);
  options.most_failed_starts = 3;
  options.backoff_most = 5s;
  Lifecycle life(options);
  life.start(0s);
  life.take_actions();
  up(life, 0s, kFirst);
  Time now = 900s;
  life.timer(now);
  for (int i = 2; i <= 8; ++i) {
    EXPECT_THAT(actions(life), ElementsAre(fmt::format("invoke 0.{}", i)));
    life.invocation_ended(now, {0, i}, failure("no"));
    EXPECT_THAT(actions(life), IsEmpty());
    now = life.next_timer();
    life.timer(now);
  }
  life.take_actions();
  life.submit(990s, 0, 1);
  EXPECT_THAT(actions(life), ElementsAre("send 0.1 task 1"));
}

TEST(HandOver, ASuccessorThatDiesWhileItWaitsIsForgotten) {
  Ready life(100s);
  life.timer(90s);
  life.submit(90s, 0, 1);
  up(life, 91s, kSecond);
  life.submit(91s, 0, 2);
  life.take_actions();
  life.closed(92s, kSecond, "reset");
  EXPECT_THAT(actions(life), ElementsAre("send 0.1 task 2"));
  life.timer(life.next_timer());
  EXPECT_THAT(actions(life), ElementsAre("invoke 0.3"));
}

TEST(HandOver, TheOldOneIsSentNothingPastItsDeadline) {
  Ready life(100s);
  life.timer(90s);
  life.take_actions();
  life.submit(100s, 0, 1);
  EXPECT_THAT(actions(life), IsEmpty());
  up(life, 101s, kSecond);
  EXPECT_THAT(actions(life), ElementsAre("goodbye 0.1", "send 0.2 task 1"));
}

TEST(HandOver, BeginsAtOnceWhenTheWorkerIsToldToEnd) {
  Ready life;
  life.leaving(5s, kFirst, 2s);
  EXPECT_THAT(actions(life), ElementsAre("invoke 0.2"));
  life.submit(6s, 0, 1);
  life.submit(7s, 0, 2);  // the two seconds are over
  EXPECT_THAT(actions(life), ElementsAre("send 0.1 task 1"));
  EXPECT_TRUE(life.report(7s, kFirst, 1));
  life.closed(7s, kFirst, "left");
  up(life, 8s, kSecond);
  EXPECT_THAT(actions(life), ElementsAre("send 0.2 task 2"));
}

TEST(HandOver, ASuccessorThatIsLeavingIsRelievedOnceItTookOver) {
  Ready life(100s);
  life.timer(90s);
  EXPECT_EQ(life.hello(90s, kSecond, kForever, true), std::nullopt);
  life.leaving(90s, kSecond, 30s);
  life.take_actions();
  life.ready(91s, kSecond);
  EXPECT_THAT(actions(life), ElementsAre("goodbye 0.1", "invoke 0.3"));
}

TEST(Finish, SaysGoodbyeToTheConnectedAndStartsNobodyAnyMore) {
  LifecycleOptions options = options_of(3, 100s);
  options.invoke_rate = 1;
  Lifecycle life(options);
  life.start(0s);
  up(life, 0s, kFirst);
  life.timer(1s);
  life.submit(1s, 0, 1);
  life.take_actions();
  life.finish(1500ms);
  EXPECT_THAT(actions(life), ElementsAre("goodbye 0.1", "close 1.1"));
  EXPECT_EQ(life.next_timer(), kForever);
  EXPECT_FALSE(life.report(2s, kFirst, 1));
  EXPECT_TRUE(life.hello(2s, {1, 1}, kForever, true).has_value());
  life.closed(2s, kFirst, "closed");
  life.invocation_ended(2s, {1, 1}, failure("cancelled"));
  life.timer(200s);
  EXPECT_THAT(actions(life), IsEmpty());
}

TEST(Rows, TellTheTimesOfEachIncarnation) {
  Lifecycle life(options_of(1, 100s));
  life.start(1s);
  EXPECT_EQ(life.hello(2s, kFirst, kForever, false), std::nullopt);
  life.ready(3s, kFirst);
  life.timer(91s);
  up(life, 92s, kSecond);
  life.closed(93s, kSecond, "reset by peer");
  life.timer(94s);
  ASSERT_EQ(life.rows().size(), 3u);
  const LifeRow& first = life.rows()[0];
  EXPECT_EQ(first.key, kFirst);
  EXPECT_EQ(first.invoked, 1s);
  EXPECT_EQ(first.connected, 2s);
  EXPECT_EQ(first.ready, 3s);
  EXPECT_EQ(first.ended, 92s);
  EXPECT_FALSE(first.cold);
  EXPECT_EQ(first.end, "handed over");
  EXPECT_EQ(life.rows()[1].end, "reset by peer");
  EXPECT_EQ(life.rows()[1].ended, 93s);
  EXPECT_EQ(life.rows()[2].key, kThird);
  EXPECT_EQ(life.rows()[2].ended, kForever);
}

}  // namespace
}  // namespace laggard::testing
