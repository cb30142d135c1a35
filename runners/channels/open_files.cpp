#include "runners/channels/open_files.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>

namespace laggard {

int most_open_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 10'000'000));
}

int check_open_files(int workers, int each) {
  constexpr int kOthers = 128;  // files of the run itself
  const int limit = most_open_files();
  const int usable = limit - limit / 8;  // the rest is for strangers who connect
  const int most = std::max(usable - kOthers, 0) / each;
  if (workers > most)
    throw FleetError(fmt::format(
        "--workers {}: the limit on open files, {}, allows {}; raise it with ulimit -n {}", workers,
        limit, most, (static_cast<std::int64_t>(workers) * each + kOthers) * 8 / 7 + 1));
  return most;
}

}  // namespace laggard
