// The parts of the protocol, for each other alone.
#pragma once

#include "core/schedule/session.hpp"
#include "protocols/sequential/sequence.hpp"

namespace laggard {

// What the settled options say.
SequentialCode sequential_code(const OptionValues& values, int workers);

asio::awaitable<void> run_sequential(Session& s);

}  // namespace laggard
