// What the gap of a run is measured against.                                       [math 3]
#pragma once

#include "core/task/events.hpp"
#include "core/task/types.hpp"
#include "runners/laboratory/results/index.hpp"

#include <string>
#include <vector>

namespace laggard {

struct Optimum {
  double phi = kNaN;  // NaN: nothing is known of it
  std::string from;   // "reference", "certificate" or "best run"; empty: nothing is known
  // Models that take turns solve problems of their own in this run: there is no one optimum, and
  // gaps are those that the run found by itself.
  bool by_model = false;
};

// Of each of `runs`: reports and comparisons measure by the same. The reference of the run, or of
// another one of the same problem; else the best lower bound that a certificate of such a run
// gives; else the least objective that one reached. Says what is not the optimum itself in
// `warnings`, a line a problem.
std::vector<Optimum> optima(const std::vector<const StoredRun*>& runs,
                            std::vector<std::string>& warnings);
std::vector<Optimum> optima(const std::vector<StoredRun>& runs, std::vector<std::string>& warnings);

// (3.1): of the row's objective; NaN without an optimum.
double gap_to(const Optimum& optimum, const RoundRow& row);

}  // namespace laggard
