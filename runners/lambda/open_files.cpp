#include "runners/lambda/open_files.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

namespace laggard {

int check_open_files(int workers, int each) {
  constexpr rlim_t kOthers = 128;  // files of the run itself, and strangers at the door
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t usable = std::min<rlim_t>(limit.rlim_cur, 10'000'000);
  const int most = usable <= kOthers ? 0 : static_cast<int>(usable - kOthers) / each;
  if (workers > most)
    throw FleetError(fmt::format("--workers {}: the limit on open files, {}, allows {}; raise it with ulimit -n {}",
                                 workers, usable, most, static_cast<rlim_t>(workers) * each + kOthers));
  return most;
}

}  // namespace laggard
