// Samples: a sparse matrix by rows and a label for each row.
#pragma once

#include "core/problem/buffer.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace laggard {

// Compressed sparse rows. Row n has its entries at row_start[n] .. row_start[n+1]-1; the columns of
// a row rise strictly.
struct Csr {
  int columns = 0;                 // d
  Buffer<std::int64_t> row_start;  // rows + 1
  Buffer<std::uint32_t> column;    // nonzeros, each < columns
  Buffer<double> value;            // nonzeros

  std::int64_t rows() const { return row_start.empty() ? 0 : std::int64_t(row_start.size()) - 1; }
  std::int64_t nonzeros() const { return std::int64_t(value.size()); }
};

struct Dataset {
  std::string name;      // for people: a file's stem, or "synthetic"
  Csr a;                 // N x d
  Buffer<double> label;  // N
  std::string sha256;    // of the uncompressed text, hexadecimal; empty if synthetic
  std::string identity;  // what the data is, for fingerprints: "sha256:..." or the synthetic spec
  Buffer<std::int64_t> order;  // which sample of the source each row is; empty: row n is sample n
  std::vector<std::string> notices;  // one line each, for the user: relabelled, and the like

  std::int64_t samples() const { return a.rows(); }
  int features() const { return a.columns; }
};

// Consecutive rows of a data set: the rows of one shard. A view; the data set must outlive it.
struct Rows {
  const Dataset* data = nullptr;
  std::int64_t begin = 0;
  std::int64_t end = 0;

  std::int64_t count() const { return end - begin; }
  int features() const { return data->a.columns; }
  std::int64_t nonzeros() const { return data->a.row_start[end] - data->a.row_start[begin]; }
  std::span<const double> labels() const {
    return {data->label.data() + begin, static_cast<std::size_t>(count())};
  }
};

}  // namespace laggard
