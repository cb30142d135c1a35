// How much memory there is, so that what cannot fit is refused before it is tried.
#pragma once

#include <string>

namespace laggard {

// Bytes that this process may still take before the system ends it: what the machine has available,
// or what the limits of its control groups leave, whichever is less. Infinity where nobody tells.
double available_memory();

// What is freed stays with the process, to be taken again: vectors come and go with every message,
// and the system would have to clear their pages each time. Blocks of 4 MiB and more are given
// back. At the start of a program.
void keep_freed_memory();

// "1.5 GiB"; with `bytes` below 1 GiB "12.0 MiB".
std::string memory_text(double bytes);

}  // namespace laggard
