// How much memory there is, so that what cannot fit is refused before it is tried.
#pragma once

#include <string>

namespace laggard {

// Bytes that this process may still take before the system ends it: what the machine has available,
// or what the limits of its control groups leave, whichever is less. Infinity where nobody tells.
double available_memory();

// "1.5 GiB"; with `bytes` below 1 GiB "12.0 MiB".
std::string memory_text(double bytes);

}  // namespace laggard
