// What a file needs at its peak until its rows are dealt, measured in a process of its own.
#include "core/problem/sharding.hpp"
#include "core/problem/svmlight.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fmt/os.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <filesystem>

namespace laggard {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

struct Usage {
  std::int64_t grown_bytes = -1;  // of the peak resident set
  std::int64_t csr_bytes = 0;
};

std::int64_t peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

Usage measure(const std::filesystem::path& file) {
  Usage usage;
  ReadOptions options;
  options.threads = 2;
  const std::int64_t before = peak_bytes();
  const Dataset data = arrange(read_svmlight(file, options), Sharding::shuffle, 16, 1, 2);
  usage.grown_bytes = peak_bytes() - before;
  usage.csr_bytes = 12 * data.a.nonzeros() + 16 * data.samples();
  return usage;
}

Usage measure_in_child(const std::filesystem::path& file) {
  int ends[2] = {};
  if (pipe(ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    Usage usage;
    try {
      usage = measure(file);
    } catch (...) {
    }
    const bool sent = write(ends[1], &usage, sizeof usage) == sizeof usage;
    _exit(sent ? 0 : 1);
  }
  close(ends[1]);
  Usage usage;
  if (child < 0 || read(ends[0], &usage, sizeof usage) != sizeof usage) usage = {};
  close(ends[0]);
  if (child > 0) waitpid(child, nullptr, 0);
  return usage;
}

// 4.8 million entries: 56 MB of text, 58 MB of matrix. One row alone is far longer than any buffer.
TEST(SvmlightMemory, PeakStaysBelowOnePointThreeTimesTheMatrix) {
  if (kSanitized) GTEST_SKIP() << "sanitizers add memory of their own";
  const TemporaryDirectory directory;
  const std::filesystem::path file = directory / "large.svm";
  {
    auto out = fmt::output_file(file.string());
    for (int n = 0; n < 40'001; ++n) {
      const int length = n == 20'000 ? 600'000 : 105;
      out.print("{:+d}", n % 2 * 2 - 1);
      for (std::int64_t j = 1; j <= length; ++j) {
        out.print(" {}:0.{}", j, (j * 7919 + n) % 900'000 + 100'000);
      }
      out.print("\n");
    }
  }
  ASSERT_GT(std::filesystem::file_size(file), 50'000'000u);
  const Usage usage = measure_in_child(file);
  ASSERT_GT(usage.csr_bytes, 50'000'000);
  ASSERT_GE(usage.grown_bytes, usage.csr_bytes * 9 / 10) << "the measurement itself must be sound";
  EXPECT_LT(usage.grown_bytes, usage.csr_bytes * 13 / 10);
  const double ratio =
      static_cast<double>(usage.grown_bytes) / static_cast<double>(usage.csr_bytes);
  fmt::print("peak / matrix = {:.3f}\n", ratio);
}

}  // namespace
}  // namespace laggard
