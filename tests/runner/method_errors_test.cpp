// What methods of gradients and codes for them refuse, in one line each, before a run.
#include "core/io/error.hpp"
#include "runners/runner/command_line.hpp"

#include <gtest/gtest.h>

#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace laggard {
namespace {

std::string error_of(const std::string& text) {
  std::istringstream in(text);
  const std::vector<std::string> words{std::istream_iterator<std::string>(in), {}};
  try {
    parse_command_line(words);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(MethodErrors, SayWhatWhereAndWhatWasExpected) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"--topology tree --protocol async",
       "--topology: tree goes with protocol sync alone, not async; expected star, or --protocol "
       "sync"},
      {"--topology ring", "--topology: ring is not known; expected star, tree, direct"},
      {"--method gd --regularizer l2:1 --protocol async",
       "--method gd: cannot go with protocol async, as its updates need contributions to one and "
       "the same z; expected admm, linearized_admm, local_sgd, payload or sgd"},
      {"--method gd --regularizer l2:1 --protocol partial_barrier",
       "--method gd: cannot go with protocol partial_barrier and --drop 1, as its updates need "
       "contributions to one and the same z; expected --missing discard, --drop 0, or admm, "
       "linearized_admm or payload"},
      {"--method nesterov --regularizer l2:1 --protocol partial_barrier --missing discard",
       "--method nesterov: cannot go with protocol partial_barrier and --drop 1, as its updates "
       "need contributions to one and the same z; expected --drop 0, or admm, linearized_admm or "
       "payload"},
      {"--method nesterov --regularizer l2:1 --momentum 1",
       "--momentum: 1 is not known; expected a number of at least 0 and below 1, t, k or strong"},
      {"--method nesterov --regularizer none --momentum strong",
       "--momentum: strong needs a regulariser of some curvature, not none; expected "
       "--regularizer l2:L, or t"},
      {"--loss hinge",
       "--loss: hinge has kinks, which --method admm cannot take; expected squared_hinge, or "
       "--method agd, fedavg, gd, local_sgd, nesterov or sgd"},
      {"--loss hinge --method gd --regularizer l2:1",
       "--step-size: auto needs a smooth loss, not hinge; expected a number"},
      {"--loss hinge --method fedavg --regularizer l2:1",
       "--local-step: auto needs a smooth loss, not hinge; expected a number"},
      {"--loss hinge --method sgd --stop certified",
       "--stop: certified needs a smooth loss, not hinge; expected none"},
      {"--loss hinge --method sgd --target-gap 0.1",
       "--reference: auto needs a smooth loss, not hinge; expected the optimum as a number"},
      {"--method sgd --stop boyd",
       "--stop: boyd goes by residuals, and those of --method sgd say little of the optimum; "
       "expected certified or none"},
      {"--method sgd --batch 4 --global-batch 40",
       "--batch: cannot go with --global-batch; expected one of the two"},
      {"--method sgd --batch 0",
       "--batch: 0 is out of range; expected an integer from 1 to 1000000000, or auto"},
      {"--method local_sgd --regularizer l2:1 --protocol partial_barrier",
       "--method local_sgd: cannot go with protocol partial_barrier and --drop 1, as its updates "
       "need contributions to one and the same z; expected --missing reuse or discard, --drop 0, "
       "or admm, linearized_admm or payload"},
      {"--method kmeans --loss squared",
       "--loss: squared does not go with --method kmeans, which minimises squared distances of the "
       "samples to the nearest centre; expected no --loss"},
      {"--method kmeans --regularizer none",
       "--regularizer: none does not go with --method kmeans, which minimises squared distances of "
       "the samples to the nearest centre; expected no --regularizer"},
      {"--method kmeans --reference auto",
       "--reference: auto does not go with --method kmeans, which minimises squared distances of "
       "the samples to the nearest centre; expected no --reference"},
      {"--method kmeans --clusters 0",
       "--clusters: 0 is out of range; expected an integer from 1 to 1000000"},
      {"--method kmeans --threshold -0.1",
       "--threshold: -0.1 is out of range; expected a number >= 0"},
      {"--method kmeans --init-seed 2",
       "--init-seed: has no effect with --init first; expected --init sample"},
      {"--method kmeans --protocol async",
       "--method kmeans: cannot go with protocol async, as its updates need contributions to one "
       "and the same z; expected admm, linearized_admm, local_sgd, payload or sgd"},
      {"--method kmeans --protocol partial_barrier",
       "--method kmeans: cannot go with protocol partial_barrier and --drop 1, as its updates need "
       "contributions to one and the same z; expected --missing discard, --drop 0, or admm, "
       "linearized_admm or payload"},
      {"--method kmeans --protocol coded --code cyclic --workers 5",
       "--code: cyclic carries sums of contributions, and those of --method kmeans do not add up; "
       "expected --method agd, fedavg, fista, gd, linearized_admm, nesterov, payload or sgd, or "
       "--code "
       "fractional"},
      {"--reading lambdaml --relaxation 1.5",
       "--relaxation: 1.5 does not go with --reading lambdaml; expected 1"},
      {"--reading lambdaml --rho-policy residual_balancing",
       "--rho-policy: residual_balancing:mu=10,factor=2 does not go with --reading lambdaml; "
       "expected fixed"},
      {"--reading lambdaml --anderson 3",
       "--anderson: 3 does not go with --reading lambdaml; expected 0"},
      {"--reading lambdaml --gamma 1",
       "--gamma: 1 does not go with --reading lambdaml; expected 0"},
      {"--reading lambdaml --scaling curvature",
       "--scaling: curvature does not go with --reading lambdaml; expected none"},
      {"--reading lambdaml --protocol async",
       "--reading: lambdaml needs contributions to one and the same z; expected standard, or "
       "--protocol sync, backup or coded"},
      {"--target-loss 0.4", "--target-loss: has no effect without --validation"},
      {"--validation 1",
       "--validation: 1 is out of range; expected a number above 0 and below 1 or none"},
      {"--method fedavg",
       "--method fedavg: needs a smooth regulariser, not l1:1; expected none or l2:L"},
      {"--method fedavg --regularizer l2:1 --local-steps 0",
       "--local-steps: 0 is out of range; expected an integer from 1 to 1000000000"}};
  for (const auto& [arguments, message] : cases) EXPECT_EQ(error_of(arguments), message);
}

TEST(MethodErrors, SequentialCodesSayWhatTheyNeed) {
  const std::string all = "--protocol sequential --method linearized_admm --workers 16 ";
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"--burst 2", "--burst: 2 does not fit --window 2; expected an integer from 1 to 1"},
      {"--burst 2 --window 4",
       "--burst: 2 does not divide --window 4 less 1; expected a divisor of 3, or --code "
       "multiplexed"},
      {"--burst 0", "--burst: 0 is out of range; expected an integer from 1 to 1000000"},
      {"--window 1", "--window: 1 is out of range; expected an integer from 2 to 1000000"},
      {"--lam 17",
       "--lam: 17 is out of range; expected an integer from 0 to 16, the number of workers"},
      {"--lam 1 --workers 1",
       "--lam: 1 leaves nobody of 1 worker; expected 0, or --code multiplexed"},
      {"--models 1",
       "--models: 1 is out of range; expected at least 2, one more than the rounds in which a job "
       "decodes, or --stale yes"},
      {"--code multiplexed --burst 2 --window 3 --models 3",
       "--models: 3 is out of range; expected at least 4, one more than the rounds in which a job "
       "decodes, or --stale yes"},
      {"--stale yes --models 2", "--models: 2 cannot go with --stale yes; expected 1"},
      {"--stale yes --method agd --regularizer l2:1",
       "--stale: yes cannot go with --method agd, whose step is not made for old gradients; "
       "expected no, or --method linearized_admm or payload"},
      {"--model-steps 0.1,0.2 --models 3",
       "--model-steps: 2 given for 3 models; expected one each"},
      {"--model-steps 0.1,x",
       "--model-steps: a step: x is not a number; expected a number above 0, at most 1e+300"},
      {"--model-steps 0.1,0.2 --step-size 1",
       "--step-size: has no effect with --model-steps; expected one of the two"},
      {"--model-lambdas 0.1,0.2 --models 3",
       "--model-lambdas: 2 given for 3 models; expected one each"},
      {"--model-lambdas 0.1,0.2 --model-steps 1,2,3",
       "--model-lambdas: 2 given for 3 models; expected one each"},
      {"--model-lambdas 1,0",
       "--model-lambdas: a factor: 0 is out of range; expected a number above 0, at most 1e+300"},
      {"--model-lambdas 1,2 --regularizer nonnegative",
       "--model-lambdas: multiplies the lambda of --regularizer, and nonnegative has none above 0; "
       "expected none, or --regularizer l1:LAMBDA, l2:LAMBDA or the like"},
      {"--model-lambdas 1,2 --reference 3",
       "--reference: 3 is the optimum of one problem, and --model-lambdas makes 2; expected auto"},
      {"--model-lambdas 1,2 --method payload",
       "--model-lambdas: has no effect with --method payload, which trains nothing"},
      {"--mu -1", "--mu: -1 is out of range; expected a number from 0 to 1000000000"},
      {"--shards 15",
       "--shards: 15 cannot go with this protocol; expected 16, the units that the code cuts the "
       "data into"},
      {"--code multiplexed --window 1000000 --lam 16 --workers 4000",
       "--window: 1000000 cuts the data into more than 2147483647 shards; expected a shorter one"}};
  for (const auto& [arguments, message] : cases) EXPECT_EQ(error_of(all + arguments), message);
  for (const std::string method : {"admm", "fedavg --regularizer l2:1", "local_sgd"})
    EXPECT_EQ(error_of(all + "--method " + method),
              "--method " + method.substr(0, method.find(' ')) +
                  ": cannot go with protocol sequential, as its contributions are no sums over "
                  "rows; expected agd, fista, gd, linearized_admm, nesterov, payload or sgd");
}

// Each of them, whatever its value.
TEST(MethodErrors, KMeansTakesNothingThatIsSaidOfPhi) {
  for (const char* arguments :
       {"--loss logistic", "--regularizer l1:1", "--validation 0.1", "--validation-seed 2",
        "--stop none", "--stop certified", "--eps-primal 1", "--eps-dual 1", "--eps-abs 1",
        "--eps-rel 1", "--eps-gap 0.1", "--target-gap 0.1", "--target-loss 1", "--reference 1"})
    EXPECT_NE(error_of(std::string("--method kmeans ") + arguments)
                  .find("does not go with --method kmeans"),
              std::string::npos)
        << arguments;
}

TEST(MethodErrors, WhatGoesTogetherIsNotRefused) {
  for (const char* arguments :
       {"--topology tree", "--protocol sequential --method fista",
        "--protocol sequential --method sgd --loss hinge --code multiplexed --lam 16",
        "--protocol sequential --method linearized_admm --stale yes --workers 1",
        "--method kmeans --topology tree",
        "--method kmeans --protocol partial_barrier --missing discard",
        "--method kmeans --protocol backup", "--method kmeans --protocol coded",
        "--method kmeans --init sample --init-seed 2 --wire f32",
        "--reading lambdaml --rho 3 --protocol backup",
        "--reading lambdaml --protocol partial_barrier --missing discard",
        "--method gd --regularizer l2:1 --protocol partial_barrier --missing discard",
        "--method sgd --protocol async --gradients fresh --min-arrivals 1",
        "--method sgd --loss hinge --protocol coded --code cyclic --workers 5 --redundancy 2",
        "--method sgd --global-batch 1000", "--method sgd --stop certified",
        "--method gd --loss hinge --regularizer none --step-size 0.1",
        "--method local_sgd --regularizer none --protocol partial_barrier --missing reuse"})
    EXPECT_EQ(error_of(arguments), "") << arguments;
}

}  // namespace
}  // namespace laggard
