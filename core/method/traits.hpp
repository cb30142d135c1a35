// What protocols know of methods.
#pragma once

#include <string>
#include <vector>

namespace laggard {

// What protocols ask of a method.
struct MethodTraits {
  // The contributions of shards to one z add up: their sum may stand for all of them, as it is
  // decoded from coded messages.
  bool additive = false;
  // Moreover they are sums over rows, of the whole shard or of a batch of it, so that rows may be
  // cut into other shards.
  bool sums_rows = false;
  // An update needs contributions of all shards to one and the same z: none that is older, and none
  // left out.
  bool one_point = false;
  // Though it needs one point, an update may go without some shards: those that are there stand for
  // all.
  bool may_leave_out = false;
  // Likewise, the last contribution of a shard may stand for one that is missing, under a barrier.
  bool may_reuse = false;
  // Likewise, without a barrier contributions of any age will do.
  bool any_age = false;
  // Likewise, if each update is of one contribution alone.
  bool one_by_one = false;
  // What residuals there are say little of the optimum, as those of some of the samples: no rule
  // can end a run by them.
  bool noisy = false;
  // It can minimise a loss with kinks, which has no Lipschitz constant.
  bool takes_kinks = false;
  // It solves no problem: its tasks take time and weigh bytes, as those of something else would.
  bool timing_only = false;
  // How many vectors of length d the coordinator keeps of each shard: what there must be room for.
  int vectors_kept = 1;
};

// How many models of the method take turns, and in what they differ: by model, or empty where they
// do not.
struct Models {
  int count = 1;
  std::vector<double> steps = {};    // the method's option step-size
  std::vector<double> lambdas = {};  // what h is multiplied by
};

// The names of the methods whose traits fit, for messages: "admm or linearized_admm".
std::string methods_that(bool (*fits)(const MethodTraits& traits));

}  // namespace laggard
