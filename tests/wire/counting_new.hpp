// Counts allocations, in a program that counting_new.cpp is linked into.
#pragma once

namespace laggard::testing {

// How often this program has called operator new.
long allocations();

}  // namespace laggard::testing
