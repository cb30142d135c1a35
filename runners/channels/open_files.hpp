// How many connections to workers the limit on open files allows.
#pragma once

namespace laggard {

// Raises the limit to what this process may have, and returns it.
int most_open_files();

// Raises the limit to what this process may have. Throws FleetError, with the remedy, where
// `workers` that take `each` descriptors do not fit. Returns how many would.
int check_open_files(int workers, int each);

}  // namespace laggard
