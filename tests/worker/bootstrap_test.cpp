// The real worker program as the bootstrap of a function: a made-up Runtime API on one side, a
// made-up coordinator on the other.
#include "core/wire/shard_data.hpp"
#include "runners/fleets/straggler/straggler.hpp"
#include "tests/worker/fake_coordinator.hpp"
#include "tests/worker/fake_runtime_api.hpp"
#include "tests/worker/work_of_test.hpp"
#include "tests/worker/worker_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>

#include <csignal>

namespace laggard {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

class Bootstrap : public ::testing::Test {
 protected:
  void start(WorkerProcess::Environment more = {}) {
    more.emplace_back("AWS_LAMBDA_RUNTIME_API", api.address());
    worker = std::make_unique<WorkerProcess>(std::vector<std::string>{}, more);
  }
  void invoke(const std::string& id, const Assignment& assignment, std::int64_t deadline_ms = 0) {
    api.invoke(id, to_json(assignment), deadline_ms);
  }
  // A worker that is ready for `work`.
  Peer ready(const Work& work, Time heartbeat = seconds(1)) {
    start();
    invoke("1", coordinator.assignment());
    return coordinator.welcome(work, whole, heartbeat);
  }
  // A task that takes `work` a minute, being computed.
  Peer busy(const Work& work) {
    Peer peer = ready(work);
    peer.task(prox_task(whole, 0, 0), true);
    return peer;
  }
  std::string ended(const std::string& id) {
    const FakeRuntimeApi::Outcome outcome = api.outcome(id);
    if (outcome.kind != "response") return outcome.kind + ": " + outcome.body;
    return std::string(boost::json::parse(outcome.body).at("ended").as_string());
  }

  Problem whole = small_whole();
  FakeCoordinator coordinator;
  FakeRuntimeApi api;
  std::unique_ptr<WorkerProcess> worker;
};

Work slow(Work work) {
  work.straggler = "fixed:60";
  return work;
}

TEST_F(Bootstrap, ServesTwoRunsOneAfterTheOtherWithTheBitsOfTheWholeProblem) {
  start();
  Work work = work_of(whole);
  work.method_options["relaxation"] = 1.6;
  const Assignment first = coordinator.assignment(1, 3);
  invoke("1", first, in_ms(600'000));
  Peer peer = coordinator.welcome(work, whole);
  EXPECT_EQ(peer.hello.run, first.run);
  EXPECT_EQ(peer.hello.worker, 1);
  EXPECT_EQ(peer.hello.incarnation, 3);
  EXPECT_EQ(peer.hello.proof, make_proof(first.token, peer.connection_->channel(), first.run, 1, 3,
                                         peer.hello.nonce));
  EXPECT_TRUE(peer.hello.cold);
  EXPECT_LT(peer.hello.remaining, seconds(601));
  EXPECT_GT(peer.hello.remaining, seconds(570));

  // omega: zero, then the x + u of its own report 10, then one that is sent along, then that again.
  Task task = prox_task(whole, 10, 2);
  Contribution expected = computed_here(work, whole, task);
  peer.task(task, false);
  ReportMessage report = peer.report();
  EXPECT_EQ(report.failure, "");
  EXPECT_EQ(report.id, 10);
  EXPECT_EQ(report.vectors, expected.vectors);
  EXPECT_EQ(report.passes, expected.passes);
  EXPECT_EQ(report.inner_iterations, expected.inner_iterations);
  EXPECT_EQ(report.idle, kForever);

  const Vector x = expected.vectors.at(0), z = *task.z;
  const Vector u = 1.25 * (Vector::Zero(z.size()) - z);
  task = prox_task(whole, 11, 2);
  task.operands = {{10, std::make_shared<Vector>(
                            ((1.6 * x.array() + (1 - 1.6) * z.array()) + u.array()).matrix())}};
  peer.task(task, false);
  report = peer.report();
  EXPECT_EQ(report.failure, "");
  EXPECT_EQ(report.vectors, computed_here(work, whole, task).vectors);
  EXPECT_LT(report.idle, seconds(20));

  for (const bool along : {true, false}) {
    Task other = prox_task(whole, along ? 12 : 13, 2);
    other.operands = {{1234, drawn(99, whole)}};
    peer.task(other, along);
    EXPECT_EQ(peer.report().vectors, computed_here(work, whole, other).vectors);
  }
  peer.goodbye();
  EXPECT_TRUE(peer.closed());
  const FakeRuntimeApi::Outcome outcome = api.outcome("1");
  EXPECT_EQ(outcome.kind, "response");
  EXPECT_EQ(boost::json::parse(outcome.body),
            boost::json::parse(R"({"ended":"goodbye","tasks":4,"worker":1,"incarnation":3})"));

  whole = small_whole(8, "squared");
  work = work_of(whole, {1});
  work.method = "fista";
  work.method_options = testing::settled("fista", {}, whole);
  invoke("2", coordinator.assignment());
  Peer again = coordinator.welcome(work, whole);
  EXPECT_FALSE(again.hello.cold);
  EXPECT_EQ(again.hello.remaining, kForever);
  // Shard 3 is not its own: it asks for it.
  task = gradient_task(whole, 0, 1, {{1, 0.5}, {3, -2}});
  again.task(task, false);
  const Frame frame = again.next();
  ASSERT_EQ(frame.header.kind, MessageKind::shard_request);
  ShardRequest request;
  decode(frame.payload, request);
  EXPECT_EQ(request.shard, 3);
  Bytes rows;
  encode_shard_frame(3, whole.shard(3), rows);
  again.send(std::move(rows));
  report = again.report();
  expected = computed_here(work, whole, task);
  EXPECT_EQ(report.vectors, expected.vectors);
  EXPECT_EQ(report.scalars, expected.scalars);
  again.goodbye();
  EXPECT_EQ(ended("2"), "goodbye");
}

TEST_F(Bootstrap, RoundsToFloatsWhereTheWireIsOfFloatsAndRemembersWhatItSent) {
  Work work = work_of(whole);
  work.precision = Precision::f32;
  Peer peer = ready(work);
  Task task = prox_task(whole, 0, 0);
  task.z = std::make_shared<Vector>(task.z->cast<float>().cast<double>());
  const Contribution first = computed_here(work, whole, task);
  const Vector x = first.vectors.at(0).cast<float>().cast<double>();
  const Vector u = 1.25 * (Vector::Zero(x.size()) - *task.z);
  peer.task(task, false);
  EXPECT_EQ(peer.report().vectors.at(0), x);
  Task next = prox_task(whole, 1, 0);
  next.z = std::make_shared<Vector>(next.z->cast<float>().cast<double>());
  next.operands = {{0, std::make_shared<Vector>(x + u)}};
  peer.task(next, false);
  EXPECT_EQ(peer.report().vectors.at(0),
            computed_here(work, whole, next).vectors.at(0).cast<float>().cast<double>());
}

TEST_F(Bootstrap, ATaskWhoseOperandItDoesNotHoldFails) {
  Peer peer = ready(work_of(whole));
  Task task = prox_task(whole, 5, 0);
  task.operands[0].name = 4;
  peer.task(task, false);
  const ReportMessage report = peer.report();
  EXPECT_EQ(report.failure, "the worker does not hold operand 0 of report 4 on shard 0");
  EXPECT_FALSE(report.contributes);
  peer.task(prox_task(whole, 6, 0), false);
  EXPECT_EQ(peer.report().failure, "");
}

TEST_F(Bootstrap, ATaskOfAnotherShapeThanTheMethodsFails) {
  Peer peer = ready(work_of(whole));
  Task task = prox_task(whole, 0, 0);
  task.z = std::make_shared<Vector>(Vector::Zero(whole.features() - 1));
  peer.task(task, true);
  EXPECT_THAT(peer.report().failure, HasSubstr("another length than"));
  task = prox_task(whole, 1, 0);
  task.operands = {{77, std::make_shared<Vector>(Vector::Zero(whole.features() - 1))}};
  peer.task(task, true);
  EXPECT_THAT(peer.report().failure, HasSubstr("an operand of another length than z"));
  task = gradient_task(whole, 2, 0, {});
  peer.task(task, true);
  EXPECT_THAT(peer.report().failure, HasSubstr("a task that is none of admm"));
  peer.task(prox_task(whole, 3, 0), false);
  EXPECT_EQ(peer.report().failure, "");
}

TEST_F(Bootstrap, AConnectionThatEndsInMidSolveEndsTheInvocationWithinASecond) {
  Peer peer = busy(slow(work_of(whole)));
  const auto begin = std::chrono::steady_clock::now();
  peer.close();
  EXPECT_EQ(ended("1"), "disconnected");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(1));
  api.wait_for_next(2);  // and the environment serves on
}

TEST_F(Bootstrap, ALongSolveStopsToo) {
  Work work = work_of(whole);
  work.method_options["solver"] = "fista";
  work.method_options["eps-g"] = 0.0;
  work.method_options["eps-f"] = -1.0;
  work.method_options["inner-max"] = std::int64_t{2'000'000'000};
  Peer peer = busy(work);
  peer.close();
  EXPECT_EQ(ended("1"), "disconnected");
}

TEST_F(Bootstrap, HeartbeatsGoOnWhileItComputes) {
  Work work = work_of(whole);
  work.straggler = "fixed:0.5";
  Peer peer = ready(work, milliseconds(20));
  peer.task(prox_task(whole, 0, 0), true);
  const int before = peer.heartbeats;
  const ReportMessage report = peer.report();
  EXPECT_GE(peer.heartbeats - before, 5);
  EXPECT_GE(report.compute, milliseconds(500));
}

TEST_F(Bootstrap, RevokedTasksStopAndAreReportedWithoutAContribution) {
  Peer peer = busy(slow(work_of(whole)));
  peer.task(prox_task(whole, 1, 0), true);
  peer.say(RevokeMessage{1});
  peer.say(RevokeMessage{0});
  for (const TaskId id : {0, 1}) {
    const ReportMessage report = peer.report();
    EXPECT_EQ(report.id, id);
    EXPECT_TRUE(report.stopped);
    EXPECT_EQ(report.failure, "");
    EXPECT_FALSE(report.contributes);
    EXPECT_TRUE(report.vectors.empty());
    EXPECT_LT(report.compute, seconds(20));
  }
  peer.goodbye();
  EXPECT_EQ(ended("1"), "goodbye");
}

TEST_F(Bootstrap, TheTailOfAStartComesBeforeItLoadsAndEndsWithTheRun) {
  Work work = work_of(whole);
  work.straggler = "lambda:p_tail=1";  // half a minute
  start();
  invoke("1", coordinator.assignment());
  Peer peer = coordinator.meet(work);
  peer.say(Welcome{to_json(work), milliseconds(20)});
  peer.hear(10);  // it asks for no shard
  const auto begin = std::chrono::steady_clock::now();
  peer.goodbye();
  EXPECT_EQ(ended("1"), "goodbye");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(2));
}

TEST_F(Bootstrap, AnIncarnationsHostSlowsItsTasks) {
  Work work = work_of(whole);
  work.straggler = "lambda:p_tail=0,sigma_host=10";
  const auto model = make_straggler(work.straggler, work.straggler_seed, work.workers);
  Incarnation slow = 1;
  while (model->draw_start({0, slow}).factor < 1e7) ++slow;
  start();
  invoke("1", coordinator.assignment(0, slow));
  Peer peer = coordinator.welcome(work, whole, milliseconds(20));
  peer.task(prox_task(whole, 0, 0), true);
  peer.hear(10);  // a microsecond of its work takes ten seconds
  peer.say(RevokeMessage{0});
  EXPECT_TRUE(peer.report().stopped);
}

TEST_F(Bootstrap, AnOperandThatCameWithARevokedTaskIsHeld) {
  Peer peer = busy(slow(work_of(whole)));
  Task revoked = prox_task(whole, 1, 0);
  revoked.operands = {{77, drawn(5, whole)}};
  peer.task(revoked, true);
  peer.say(RevokeMessage{1});
  Task next = prox_task(whole, 2, 0);
  next.operands[0].name = 77;
  peer.task(next, false);
  peer.say(RevokeMessage{0});
  EXPECT_TRUE(peer.report().stopped);
  EXPECT_TRUE(peer.report().stopped);
  peer.say(RevokeMessage{2});
  EXPECT_EQ(peer.report().failure, "");
}

TEST_F(Bootstrap, OnSigtermItTellsAndServesUntilGoodbye) {
  Work work = work_of(whole);
  Peer peer = ready(work);
  worker->signal(SIGTERM);
  const Leaving leaving = peer.expect<Leaving>(MessageKind::leaving);
  EXPECT_LE(leaving.remaining, seconds(2));
  EXPECT_GT(leaving.remaining, Time::zero());
  const Task task = prox_task(whole, 0, 0);
  peer.task(task, true);
  EXPECT_EQ(peer.report().vectors, computed_here(work, whole, task).vectors);
  peer.goodbye();
  EXPECT_EQ(ended("1"), "goodbye");
  EXPECT_EQ(worker->wait(), 0);
}

TEST_F(Bootstrap, OnSigtermItEndsByItselfBeforeThePlatformDoes) {
  Peer peer = busy(slow(work_of(whole)));
  worker->signal(SIGTERM);
  peer.expect<Leaving>(MessageKind::leaving);
  EXPECT_TRUE(peer.closed());
  EXPECT_EQ(ended("1"), "terminated");
  EXPECT_EQ(worker->wait(), 0);
}

// A heartbeat and the end of the connection are found due at the same time.
TEST_F(Bootstrap, AHeartbeatThatIsDueAtTheEndDoesNotKeepItAlive) {
  Peer peer = ready(work_of(whole), milliseconds(10));
  peer.goodbye();
  EXPECT_TRUE(peer.closed());  // the worker has said that no more comes, and waits for this side
  worker->signal(SIGSTOP);
  peer.close();
  asio::steady_timer due(coordinator.loop, milliseconds(100));
  drive(coordinator.loop, due.async_wait(asio::use_awaitable));
  worker->signal(SIGCONT);
  EXPECT_EQ(ended("1"), "goodbye");
}

TEST_F(Bootstrap, EndsShortlyBeforeItsDeadline) {
  start();
  const std::int64_t deadline = in_ms(1500);
  invoke("1", coordinator.assignment(), deadline);
  Peer peer = coordinator.welcome(slow(work_of(whole)), whole);
  peer.task(prox_task(whole, 0, 0), true);
  EXPECT_TRUE(peer.closed());
  EXPECT_EQ(ended("1"), "deadline");
  EXPECT_LT(in_ms(0), deadline);
}

TEST_F(Bootstrap, ACrashOfTheStragglerModelEndsTheProcess) {
  Work work = work_of(whole);
  work.straggler = "crash:p=1";
  Peer peer = busy(work);
  EXPECT_TRUE(peer.closed());
  EXPECT_EQ(worker->wait(), 70);
}

TEST_F(Bootstrap, LuckGoesOnWhereTheEarlierIncarnationLeftOff) {
  Work work = work_of(whole);
  work.straggler = "crash:p=0.3";
  const auto model = make_straggler(work.straggler, work.straggler_seed, work.workers);
  std::int64_t crash = 0;
  while (crash == 0 || model->draw(0, crash - 1).crash || !model->draw(0, crash).crash) ++crash;
  Peer peer = ready(work);
  peer.begun_before = crash - 1;  // the second task is the one that the model lets crash
  peer.task(prox_task(whole, 0, 0), true);
  EXPECT_EQ(peer.report().failure, "");
  peer.task(prox_task(whole, 1, 0), true);
  EXPECT_TRUE(peer.closed());
  EXPECT_EQ(worker->wait(), 70);
}

TEST_F(Bootstrap, SaysWhomItCannotReach) {
  start();
  Assignment assignment = coordinator.assignment();
  coordinator.acceptor.close();
  invoke("1", assignment);
  const FakeRuntimeApi::Outcome outcome = api.outcome("1");
  EXPECT_EQ(outcome.kind, "error");
  EXPECT_EQ(outcome.error_type, "Laggard.Unreachable");
  EXPECT_THAT(outcome.body, HasSubstr(assignment.connect));
  EXPECT_THAT(outcome.body, Not(HasSubstr(to_hex(assignment.token))));
}

TEST_F(Bootstrap, DoesNotWaitLongerThanItIsToldForACoordinatorThatIsSilent) {
  start();
  Assignment assignment = coordinator.assignment();
  assignment.connect_timeout = milliseconds(300);
  const auto begin = std::chrono::steady_clock::now();
  invoke("1", assignment);  // the connection is accepted by the kernel, and nobody shakes hands
  EXPECT_EQ(api.outcome("1").error_type, "Laggard.Unreachable");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(5));
}

TEST_F(Bootstrap, TalksToNobodyWithAnotherCertificate) {
  start();
  Assignment assignment = coordinator.assignment();
  assignment.pin = make_run_certificate().pin;
  invoke("1", assignment);
  EXPECT_THROW(coordinator.meet(work_of(whole)), boost::system::system_error);
  EXPECT_EQ(api.outcome("1").error_type, "Laggard.WrongCertificate");
}

TEST_F(Bootstrap, TellsWhyItWasRefused) {
  start();
  invoke("1", coordinator.assignment());
  Peer peer = coordinator.meet(work_of(whole));
  peer.say(Reject{"this incarnation is over"});
  const FakeRuntimeApi::Outcome outcome = api.outcome("1");
  EXPECT_EQ(outcome.error_type, "Laggard.Rejected");
  EXPECT_THAT(outcome.body, HasSubstr("this incarnation is over"));
}

TEST_F(Bootstrap, DropsACoordinatorThatBreaksTheFormat) {
  Peer peer = ready(work_of(whole));
  Bytes garbage(64, std::byte{0x5a});
  peer.send(std::move(garbage));
  EXPECT_TRUE(peer.closed());
  EXPECT_EQ(api.outcome("1").error_type, "Laggard.Protocol");
}

TEST_F(Bootstrap, WorkThatMakesNoSenseIsAnError) {
  start();
  invoke("1", coordinator.assignment());
  Work work = work_of(whole);
  work.loss = "absolute";
  Peer peer = coordinator.meet(work);
  peer.say(Welcome{to_json(work), seconds(1)});
  EXPECT_EQ(api.outcome("1").error_type, "Laggard.Work");
}

TEST_F(Bootstrap, PayloadsThatAreNoAssignmentAreErrorsAndTheNextIsServed) {
  start();
  api.invoke("text", "what?");
  api.invoke("other", R"({"records": []})");
  api.invoke("newer", R"({"laggard": 7})");
  api.invoke("older", R"({"laggard": 3})");
  EXPECT_EQ(api.outcome("text").error_type, "Laggard.BadAssignment");
  EXPECT_EQ(api.outcome("other").error_type, "Laggard.BadAssignment");
  EXPECT_EQ(api.outcome("newer").error_type, "Laggard.OlderWorker");
  EXPECT_EQ(api.outcome("older").error_type, "Laggard.NewerWorker");
  Assignment nowhere = coordinator.assignment();
  nowhere.connect = "coordinator.example:7000";
  invoke("name", nowhere);
  EXPECT_EQ(api.outcome("name").error_type, "Laggard.BadAssignment");
  invoke("1", coordinator.assignment());
  coordinator.welcome(work_of(whole), whole).goodbye();
  EXPECT_EQ(ended("1"), "goodbye");
}

TEST_F(Bootstrap, AStartThatFailsIsToldAsSuch) {
  start({{"LAGGARD_CA", "/nowhere/ca.pem"}});
  const FakeRuntimeApi::Outcome outcome = api.outcome("init");
  EXPECT_EQ(outcome.kind, "init/error");
  EXPECT_THAT(outcome.body, HasSubstr("/nowhere/ca.pem"));
  EXPECT_EQ(worker->wait(), 1);
}

TEST_F(Bootstrap, RegistersAnExtensionForNoEvents) {
  start();
  api.wait_for_next(1);
  EXPECT_EQ(api.registered(), 1);
  EXPECT_EQ(boost::json::parse(api.extension_body()).at("events").as_array().size(), 0u);
}

TEST_F(Bootstrap, DoesWithoutExtensionsAndUnderstandsLocalhost) {
  api.extensions = false;
  const std::string address = "localhost" + api.address().substr(api.address().find(':'));
  WorkerProcess local({}, {{"AWS_LAMBDA_RUNTIME_API", address}});
  invoke("1", coordinator.assignment());
  coordinator.welcome(work_of(whole), whole).goodbye();
  EXPECT_EQ(ended("1"), "goodbye");
}

TEST_F(Bootstrap, LeavesNoCoreFile) {
  start();
  api.wait_for_next(1);
  const std::string limits = read_text("/proc/" + std::to_string(worker->pid()) + "/limits");
  EXPECT_THAT(limits, ::testing::ContainsRegex("Max core file size +0 +0 "));
}

}  // namespace
}  // namespace laggard
