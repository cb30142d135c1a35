// A run that goes on from a state is the run that was never stopped.
#include "core/schedule/checkpoint.hpp"

#include "core/io/error.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/testbed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace laggard::testing {
namespace {

using ::testing::HasSubstr;

using States = std::map<int, std::string>;  // by round

Testbed bed_of(const std::string& method) {
  Testbed bed;
  bed.problem =
      synthetic("n=400,d=12,density=0.5", 4, "logistic", needs_smooth(method) ? "l2:1" : "l1:1");
  bed.workers = 4;
  bed.method = method;
  bed.session.stopping.rule = StopRule::none;
  bed.session.max_rounds = 30;
  bed.straggler = "lambda";
  if (method == "kmeans") bed.method_options["threshold"] = 0.0;
  return bed;
}

States states_of(Testbed bed, const std::string& protocol, int every) {
  States states;
  bed.session.checkpoint_every = every;
  bed.session.checkpoint = [&](int round, std::string state) { states[round] = std::move(state); };
  bed.run(protocol);
  return states;
}

// bytes_down is larger: no worker holds its omega any more, so that is sent once.
void expect_same_end(const Summary& resumed, const Summary& whole) {
  EXPECT_EQ(resumed.iterate_digest, whole.iterate_digest);
  EXPECT_EQ(resumed.rounds, whole.rounds);
  EXPECT_EQ(resumed.last.objective, whole.last.objective);
  EXPECT_EQ(resumed.last.primal, whole.last.primal);
  EXPECT_EQ(resumed.last.dual, whole.last.dual);
  EXPECT_EQ(resumed.last.rho, whole.last.rho);
  EXPECT_EQ(resumed.bytes_up, whole.bytes_up);
}

TEST(Checkpoint, SyncGoesOnBitForBitWithEveryMethodOnEveryFleet) {
  for (const char* method : {"admm", "linearized_admm", "fista", "agd", "gd", "nesterov", "fedavg",
                             "sgd", "local_sgd", "kmeans"}) {
    const Testbed bed = bed_of(method);
    const Summary whole = bed.run("sync").summary;
    const States states = states_of(bed, "sync", 7);
    ASSERT_EQ(states.size(), 5u) << "rounds 7, 14, 21, 28 and the last";
    for (const int round : {7, 21}) {
      for (const bool threads : {false, true}) {
        SCOPED_TRACE(::testing::Message()
                     << method << " from round " << round << " on threads: " << threads);
        Testbed resumed = bed;
        resumed.resume = states.at(round);
        if (threads) resumed.straggler = "none";
        const auto outcome = resumed.run("sync", threads);
        expect_same_end(outcome.summary, whole);
        EXPECT_EQ(outcome.rounds.front().round, round + 1);
        EXPECT_EQ(outcome.summary.tasks, whole.tasks);
      }
    }
  }
}

TEST(Checkpoint, OptionsOfTheMethodThatHaveStateComeBack) {
  Testbed bed = bed_of("admm");
  bed.method_options["relaxation"] = 1.6;
  bed.method_options["rho"] = 0.01;  // so that balancing is at work when the run is cut
  for (const char* reading : {"standard", "literal", "lambdaml"}) {
    bed.method_options["reading"] = std::string(reading);
    if (reading == std::string("lambdaml")) bed.method_options["relaxation"] = 1.0;
    const Summary whole = bed.run("sync").summary;
    Testbed resumed = bed;
    resumed.resume = states_of(bed, "sync", 3).at(3);
    expect_same_end(resumed.run("sync").summary, whole);
  }
}

TEST(Checkpoint, FractionalCodingGoesOnBitForBitWhoeverAnswersFirst) {
  for (const char* superseded : {"preempt", "finish"}) {
    Testbed bed = bed_of("admm");
    bed.problem.shards = 2;
    bed.straggler = "bimodal:p=0.3,factor=20";
    bed.session.protocol_options["superseded"] = superseded;
    const Summary whole = bed.run("coded").summary;
    Testbed resumed = bed;
    resumed.resume = states_of(bed, "coded", 11).at(11);
    for (const bool threads : {false, true}) {
      if (threads) resumed.straggler = "none";
      EXPECT_EQ(resumed.run("coded", threads).summary.iterate_digest, whole.iterate_digest)
          << superseded;
    }
  }
}

TEST(Checkpoint, BackupGoesOnBitForBitWhoeverAnswersFirst) {
  Testbed bed = bed_of("admm");
  bed.straggler = "bimodal:p=0.3,factor=20";
  bed.session.protocol_options["backup-after"] = 1.0;
  const Summary whole = bed.run("backup").summary;
  EXPECT_GT(whole.tasks_wasted, 0);
  Testbed resumed = bed;
  resumed.resume = states_of(bed, "backup", 11).at(11);
  EXPECT_EQ(resumed.run("backup").summary.iterate_digest, whole.iterate_digest);
  resumed.straggler = "none";
  EXPECT_EQ(resumed.run("backup", true).summary.iterate_digest, whole.iterate_digest);
}

TEST(Checkpoint, AsynchronousRunsGoOnToTheOptimum) {
  for (const char* protocol : {"async", "partial_barrier"}) {
    Testbed bed = bed_of("admm");
    bed.problem = load("heart", 4);
    const std::string state = states_of(bed, protocol, 10).at(10);
    bed.resume = state;
    bed.session.max_rounds = 2000;
    bed.session.reference = 102.66782752699845;
    bed.session.target_gap = 1e-6;
    const Summary summary = bed.run(protocol).summary;
    EXPECT_EQ(summary.stop, StopReason::target_gap) << protocol;
    EXPECT_GT(summary.rounds, 10);
  }
}

TEST(Checkpoint, AFinishedRunGoesOnWithALaterLimitAndNotWithAnEarlierOne) {
  Testbed bed = bed_of("admm");
  const Summary whole = bed.run("sync").summary;
  bed.session.max_rounds = 12;
  Testbed resumed = bed;
  resumed.resume = states_of(bed, "sync", 100).at(12);
  const Summary same = resumed.run("sync").summary;
  EXPECT_EQ(same.rounds, 12);
  EXPECT_EQ(same.stop, StopReason::max_rounds);
  EXPECT_EQ(same.last.objective, bed.run("sync").summary.last.objective);
  resumed.session.max_rounds = 30;
  expect_same_end(resumed.run("sync").summary, whole);
}

TEST(Checkpoint, AStateOfAnotherShapeIsRefused) {
  const std::string state = states_of(bed_of("admm"), "sync", 5).at(5);
  Testbed other = bed_of("admm");
  other.problem.shards = other.workers = 3;
  other.resume = state;
  EXPECT_THROW(other.run("sync"), Error);
  other = bed_of("fista");
  other.resume = state;
  EXPECT_THROW(other.run("sync"), Error);
  other = bed_of("admm");
  other.resume = state + "x";
  EXPECT_THROW(other.run("sync"), Error);
  for (std::size_t size = 0; size < state.size(); size += 37) {
    other.resume = state.substr(0, size);
    EXPECT_THROW(other.run("sync"), Error) << size;
  }
}

TEST(Checkpoint, TheFileIsWholeOrRefusedByName) {
  TemporaryDirectory temporary;
  const auto directory = temporary / "ck";
  const MadeWith made_with = {{"--rho", "1"}, {"problem", "f00d"}};
  {
    CheckpointWriter writer(directory, made_with, false);
    writer.write(3, "first");
    writer.write(6, std::string("se\0cond", 7));
    writer.finish();
  }
  const Checkpoint read = read_checkpoint(directory);
  EXPECT_EQ(read.round, 6);
  EXPECT_EQ(read.state, std::string("se\0cond", 7));
  EXPECT_NO_THROW(check_made_with(read, made_with, directory));
  EXPECT_THROW(CheckpointWriter(directory, made_with, false), Error);
  EXPECT_NO_THROW(CheckpointWriter(directory, made_with, true));

  const std::string bytes = read_text(directory / "checkpoint");
  const auto error_of = [&](const std::string& content) -> std::string {
    temporary.write("ck/checkpoint", content);
    try {
      read_checkpoint(directory);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_NE(error_of(bytes.substr(0, i)), "") << i;
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    EXPECT_THAT(error_of(damaged), HasSubstr((directory / "checkpoint").string())) << i;
  }
  EXPECT_THAT(error_of("{}"), HasSubstr("is no checkpoint"));
  EXPECT_THROW(read_checkpoint(temporary / "nowhere"), Error);
}

TEST(Checkpoint, ADirectoryBelongsToOneRunAtATime) {
  TemporaryDirectory temporary;
  {
    CheckpointWriter first(temporary.path(), {}, false);
    EXPECT_THAT([&] { CheckpointWriter(temporary.path(), {}, true); },
                ::testing::ThrowsMessage<Error>(::testing::HasSubstr("another run writes to")));
  }
  CheckpointWriter(temporary.path(), {}, false);
}

TEST(Checkpoint, WhatDiffersIsNamed) {
  const Checkpoint made{.round = 1, .made_with = {{"--rho", "1"}, {"--tau", "8"}}, .state = ""};
  const auto error_of = [&](const MadeWith& own) -> std::string {
    try {
      check_made_with(made, own, "D");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(error_of({{"--tau", "8"}, {"--rho", "1"}}), "");
  EXPECT_EQ(error_of({{"--rho", "2"}}),
            "--resume: D/checkpoint was made with --rho 1; expected the same, not 2");
  EXPECT_THAT(error_of({{"--gamma", "0"}}), HasSubstr("--gamma none; expected the same, not 0"));
}

}  // namespace
}  // namespace laggard::testing
