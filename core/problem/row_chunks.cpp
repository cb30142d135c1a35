#include "core/problem/row_chunks.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace laggard {

RowChunks::RowChunks(const Dataset& data, int threads) : data_(&data) {
  constexpr std::int64_t kMaxChunks = 16;
  constexpr std::int64_t kMaxAccumulated = std::int64_t{1} << 23;  // numbers in all accumulators
  constexpr std::int64_t kWorthAThread = 100'000;                  // nonzeros
  const std::int64_t most = std::max<std::int64_t>(
      1, std::min(kMaxChunks, kMaxAccumulated / std::max(1, data.features())));
  count_ = static_cast<int>(std::min(most, blocks()));
  threads_ = static_cast<int>(
      std::clamp<std::int64_t>(data.a.nonzeros() / kWorthAThread, 1, std::max(1, threads)));
}

void RowChunks::for_each(const std::function<void(int, const Rows&)>& visit) const {
  std::atomic<int> next{0};
  const auto work = [&] {
    for (int chunk = next++; chunk < count_; chunk = next++) {
      const auto cut = [&](int c) {
        return std::min(blocks() * c / count_ * kBlock, data_->samples());
      };
      visit(chunk, Rows{data_, cut(chunk), cut(chunk + 1)});
    }
  };
  std::vector<std::jthread> helpers;
  for (int t = 1; t < std::min(threads_, count_); ++t) helpers.emplace_back(work);
  work();
}

}  // namespace laggard
