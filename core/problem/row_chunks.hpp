// Sums over all samples whose value does not depend on how many threads compute them.
#pragma once

#include "core/problem/dataset.hpp"

#include <algorithm>
#include <functional>

namespace laggard {

// Cuts the rows of a data set into at most 16 chunks of whole blocks. Where the cuts lie depends on
// N and d alone; who sums each chunk in an accumulator of its own and adds these in order gets the
// same bits with any number of threads.
class RowChunks {
 public:
  // data: must outlive this. threads: at least 1, and fewer are used where the work is small.
  RowChunks(const Dataset& data, int threads);

  static constexpr std::int64_t kBlock = 4096;  // rows; the last block may be shorter

  int count() const { return count_; }

  // Calls visit(chunk, its rows) for every chunk and returns once all are done. Calls for different
  // chunks may run at the same time; `visit` must not throw.
  void for_each(const std::function<void(int chunk, const Rows& rows)>& visit) const;

  // Calls visit(block, its rows) for every block of kBlock rows within `rows`, in order. `rows`: a
  // chunk.
  template <class Visit>
  static void for_each_block(const Rows& rows, const Visit& visit) {
    for (std::int64_t begin = rows.begin; begin < rows.end; begin += kBlock) {
      visit(begin / kBlock, Rows{rows.data, begin, std::min(begin + kBlock, rows.end)});
    }
  }
  std::int64_t blocks() const { return (data_->samples() + kBlock - 1) / kBlock; }

 private:
  const Dataset* data_;
  int count_;
  int threads_;
};

}  // namespace laggard
