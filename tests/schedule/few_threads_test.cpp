// Where the system gives fewer threads than are asked for.
#include "core/io/error.hpp"
#include "tests/support/testbed.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>

#include <fstream>

namespace laggard::testing {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // they need more memory themselves, and do not ask politely
#else
constexpr bool kSanitized = false;
#endif

// From now on this process has room for so many MB more, and a thread takes 64 of them for its
// stack: more than any that ended before has left.
void allow_mb(rlim_t more) {
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, 64 << 20);
  ::pthread_setattr_default_np(&attributes);
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t most = pages * 4096 + (more << 20);
  const rlimit limit{most, most};
  ::setrlimit(RLIMIT_AS, &limit);
}

// Ends this process: what was thrown is its last line.
[[noreturn]] void run_with_room(rlim_t mb, bool threads) {
  Testbed bed;
  bed.problem = synthetic("n=400,d=3,density=1", 100);
  bed.workers = 100;
  const MethodHalves method = halves_of("admm", bed.problem);
  auto straggler = make_straggler("none", 1, 100);
  allow_mb(mb);
  try {
    if (threads) {
      const ThreadFleet fleet(100, *method.worker, std::move(straggler));
    } else {
      SimOptions options;
      options.workers = 100;
      options.threads = 100;
      const SimFleet fleet(options, *method.worker, std::move(straggler));
    }
  } catch (const FleetError& error) {
    fmt::print(stderr, "{}\n", error.what());
    std::_Exit(4);
  }
  std::_Exit(0);
}

TEST(FewThreadsDeathTest, AreAFailureOfTheFleetOfThreads) {
  if (kSanitized) GTEST_SKIP() << "sanitizers need memory themselves";
  EXPECT_EXIT(run_with_room(1000, true), ::testing::ExitedWithCode(4),
              "--workers 100: the system gives this program [0-9]+ threads");
}

TEST(FewThreadsDeathTest, SufficeForTheSimulator) {
  if (kSanitized) GTEST_SKIP() << "sanitizers need memory themselves";
  EXPECT_EXIT(run_with_room(1000, false), ::testing::ExitedWithCode(0), "");
}

TEST(FewThreadsDeathTest, AreAFailureOfTheSimulatorWhereThereAreNone) {
  if (kSanitized) GTEST_SKIP() << "sanitizers need memory themselves";
  EXPECT_EXIT(run_with_room(40, false), ::testing::ExitedWithCode(4), "no thread to compute in");
}

}  // namespace
}  // namespace laggard::testing
