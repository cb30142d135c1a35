// Outputs of one matrix, of which several machines did a part each, become one.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <span>

namespace laggard {

struct MergedCells {
  int done = 0, failed = 0, interrupted = 0;
  int copied = 0;        // of these, now
  bool is_whole = true;  // false: it was interrupted before the last was copied
};

// Copies the cells of `sources` into `output`, which may be one of them, or one that an earlier
// call left unfinished, and brings its index up to date. A cell is there whole or not at all. Of
// the same cell in several the finished one counts, else the one that failed. Once `interrupted` is
// true no more cells are copied. Throws Error, before anything is changed, for a folder that is no
// output of a matrix, is in use or of another matrix, and for a cell that finished with different
// results.
MergedCells merge_matrices(std::span<const std::filesystem::path> sources,
                           const std::filesystem::path& output,
                           const std::atomic<bool>& interrupted);

}  // namespace laggard
