// The two codes, for coded.cpp alone.
#pragma once

#include "core/schedule/session.hpp"

namespace laggard {

// Replicated subproblems: the first report of a group of s + 1 workers counts.
asio::awaitable<void> run_fractional(Session& s);

// Gradient coding: any W - s reports give the sum over all shards.
asio::awaitable<void> run_cyclic(Session& s);

}  // namespace laggard
