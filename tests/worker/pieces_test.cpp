// A worker that holds some of the shards computes the bits that one with the whole problem does.
#include "core/wire/shard_data.hpp"
#include "runners/worker/shard_store.hpp"
#include "tests/worker/work_of_test.hpp"

#include <gtest/gtest.h>

namespace laggard {
namespace {

struct Case {
  std::string method, solver, loss;
};

class Pieces : public ::testing::TestWithParam<Case> {};

TEST_P(Pieces, GiveTheBitsOfTheWhole) {
  Problem whole = small_whole(3, GetParam().loss);
  whole.regularizer = make_regularizer("l2:1");  // which every method can do
  Work work = work_of(whole, {});
  const Method& method = methods().at(GetParam().method);
  work.method = method.name;
  OptionValues given;
  if (method.name == "admm") given["solver"] = GetParam().solver;
  work.method_options = testing::settled(method.name, given, whole);
  const std::atomic<bool> stop{false};
  const auto ask = [&](ShardId p) {
    Bytes rows;
    encode_shard(whole.shard(p), rows);
    return rows;
  };
  ShardStore store(work, "", ask, stop);
  Workspace scratch;
  for (const ShardId p : {2, 0, 3}) {  // one after the other, and the half made anew each time
    EXPECT_TRUE(store.load(p));
    EXPECT_FALSE(store.load(p));
    const auto half = method.worker(store.problem(), work.method_options, work.precision);
    const Task task = method.traits.additive ? gradient_task(whole, p, p, {{p, 1.5}, {2, -0.25}})
                                             : prox_task(whole, p, p);
    const Contribution here = half->compute(task, scratch, stop);
    const Contribution there = computed_here(work, whole, task);
    EXPECT_EQ(here.vectors, there.vectors);
    EXPECT_EQ(here.scalars, there.scalars);
    EXPECT_EQ(half->keep(task, here), half_of(work, whole)->keep(task, there));
    EXPECT_EQ(here.passes, there.passes);
    EXPECT_EQ(here.inner_iterations, there.inner_iterations);
  }
}

INSTANTIATE_TEST_SUITE_P(
    EveryMethod, Pieces,
    ::testing::Values(Case{"admm", "newton_cg", "logistic"}, Case{"admm", "fista", "logistic"},
                      Case{"admm", "newton_cg", "squared_hinge"}, Case{"admm", "direct", "squared"},
                      Case{"linearized_admm", "newton_cg", "logistic"},
                      Case{"fista", "newton_cg", "huber:1"}, Case{"agd", "newton_cg", "squared"},
                      Case{"gd", "newton_cg", "logistic"},
                      Case{"nesterov", "newton_cg", "squared"}),
    [](const auto& instance) {
      const Case& c = instance.param;
      return c.method + "_" + c.solver + "_" + c.loss.substr(0, c.loss.find(':'));
    });

}  // namespace
}  // namespace laggard
