// phi*, the optimum that gaps are measured against [math 3.1], with its certificate.
#pragma once

#include "core/problem/problem.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace laggard {

struct Reference {
  double objective = kNaN;    // phi*
  double kkt = kNaN;          // [math 3.2] at the solution
  double duality_gap = kNaN;  // relative; NaN where h leaves no dual feasible point
  bool from_cache = false;
  Vector x;  // d: the solution; empty if it came from the cache
};

// Where a solve is: its newest point.
struct ReferenceProgress {
  std::int64_t passes = 0;  // over the data, so far
  double objective = kNaN;
  double kkt = kNaN;          // [math 3.2]
  double duality_gap = kNaN;  // as in Reference
};
using OnReferenceProgress = std::function<void(const ReferenceProgress&)>;

inline constexpr double kReferenceKkt = 1e-10;
inline constexpr double kReferenceDualityGap = 1e-12;

// Solves the problem until kkt <= 1e-10 or the relative duality gap is <= 1e-12. `interrupted` is
// asked now and then; once true the solve ends with an Error. `progress` is told after each of its
// rounds. Throws Error, saying what was reached, if neither certificate can be had, or if phi is
// seen to have no minimiser.
Reference solve_reference(const Problem& problem, int threads,
                          const std::function<bool()>& interrupted = {},
                          const OnReferenceProgress& progress = {});

// As above, through a cache in `directory`: one small file a problem, written atomically, ignored
// if unreadable. An empty path means no cache.
Reference reference_optimum(const Problem& problem, const std::filesystem::path& directory,
                            int threads, const std::function<bool()>& interrupted = {},
                            const OnReferenceProgress& progress = {});

// $LAGGARD_CACHE_DIR, else $XDG_CACHE_HOME/laggard, else $HOME/.cache/laggard, else empty.
std::filesystem::path default_cache_directory();

}  // namespace laggard
