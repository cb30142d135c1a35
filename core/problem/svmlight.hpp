// Reads data sets in svmlight / LIBSVM text.
#pragma once

#include "core/problem/dataset.hpp"

#include <filesystem>
#include <optional>

namespace laggard {

struct ReadOptions {
  std::optional<int> features;  // fixes d; an index beyond it is an error
  // Labels must be two classes: -1/+1 (one of them may be missing), 0/1 or 1/2. The latter two are
  // mapped to -1/+1, with a notice.
  bool classification = false;
  // What the run takes for each of the d features. An index, or `features`, that asks for more
  // memory than there is, is an error.
  double bytes_per_feature = 0;
  int threads = 1;  // two are used at most: two fifths of the work is done in turn
};

// Streams `file` (plain, gzip or xz, told by its first bytes). Lines are
// `label [qid:n] index:value ... [# comment]`; blank lines, comments, CRLF and a missing last
// newline are fine, a row may have no features; indices start at 1 and rise strictly within a row;
// values are finite. Peak memory stays below 1.5 times the matrix that it builds (plus the
// dictionary of an xz file, 8 MiB by default). The sha256 is that of the uncompressed text. Throws
// Error with file:line:column for anything malformed, truncated, empty or too large for the memory.
Dataset read_svmlight(const std::filesystem::path& file, const ReadOptions& options = {});

}  // namespace laggard
