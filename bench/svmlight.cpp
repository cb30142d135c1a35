// How fast svmlight text becomes a matrix: bytes of uncompressed text a second, SHA-256 included.
#include "core/problem/svmlight.hpp"

#include <benchmark/benchmark.h>
#include <fmt/os.h>
#include <unistd.h>
#include <zlib.h>
#include <filesystem>
#include <string>

namespace {

namespace fs = std::filesystem;

// A file that goes away with the program. `decimals` digits behind the point of each value; 0 means
// that all values are 1.
class GeneratedFile {
 public:
  GeneratedFile(int rows, int per_row, int decimals)
      : path_(fs::temp_directory_path() /
              fmt::format("laggard_bench_{}_{}.svm", getpid(), decimals)) {
    auto out = fmt::output_file(path_.string());
    std::uint64_t state = 1;
    for (int n = 0; n < rows; ++n) {
      out.print("{:+d}", n % 2 * 2 - 1);
      for (int j = 0; j < per_row; ++j) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        const double value = static_cast<double>(state >> 11) * 0x1p-52 - 1;
        out.print(" {}:", 100 * j + static_cast<int>(state >> 58) + 1);
        if (decimals == 0) {
          out.print("1");
        } else {
          out.print("{:.{}f}", value, decimals);
        }
      }
      out.print("\n");
    }
  }
  ~GeneratedFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  GeneratedFile(const GeneratedFile&) = delete;
  GeneratedFile& operator=(const GeneratedFile&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void read_plain(benchmark::State& state) {
  const GeneratedFile file(40'000, 100, static_cast<int>(state.range(0)));
  const auto bytes = static_cast<std::int64_t>(fs::file_size(file.path()));
  laggard::ReadOptions options;
  options.threads = static_cast<int>(state.range(1));
  for (auto _ : state) benchmark::DoNotOptimize(laggard::read_svmlight(file.path(), options));
  state.SetBytesProcessed(state.iterations() * bytes);
}
BENCHMARK(read_plain)
    ->ArgNames({"decimals", "threads"})
    ->ArgsProduct({{0, 3, 7, 16}, {1, 2}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void read_bundled(benchmark::State& state, const char* name) {
  const fs::path file = fs::path(LAGGARD_DATA_DIR) / (std::string(name) + ".svm.gz");
  std::int64_t bytes = 0;
  const gzFile unpacked = gzopen(file.c_str(), "rb");
  char piece[4096];
  for (int count = 0; (count = gzread(unpacked, piece, sizeof piece)) > 0;) bytes += count;
  gzclose(unpacked);
  for (auto _ : state) benchmark::DoNotOptimize(laggard::read_svmlight(file));
  state.SetBytesProcessed(state.iterations() * bytes);
}
BENCHMARK_CAPTURE(read_bundled, a9a, "a9a")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_bundled, rcv1_1500, "rcv1_1500")->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
