// Protocols that exist only to be described: no test runs them.
#pragma once

#include "core/schedule/protocol.hpp"

namespace laggard {

// Registered by test_protocols.cpp: `test_bounded` with --test-tau (1 to 100), --test-gamma (>= 0)
// and --test-missing reuse|discard; `test_other` with --test-other (0 to 1).
inline constexpr const char* kBounded = "test_bounded";
inline constexpr const char* kOther = "test_other";

}  // namespace laggard
