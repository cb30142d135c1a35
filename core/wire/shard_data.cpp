#include "core/wire/shard_data.hpp"

#include "core/problem/finite.hpp"
#include "core/wire/frame_writer.hpp"
#include "core/wire/payload_reader.hpp"

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

constexpr std::uint64_t kFixedBytes = 2 * sizeof(std::uint64_t);
constexpr std::uint64_t kRowBytes = sizeof(double) + sizeof(std::uint32_t);
constexpr std::uint64_t kNonzeroBytes = sizeof(std::uint32_t) + sizeof(double);

template <class T>
void append(std::span<const T> values, Bytes& out) {
  const auto bytes = std::as_bytes(values);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// row_start from the rows' lengths, which must add up to `nonzeros`.
void read_row_lengths(PayloadReader& in, std::int64_t nonzeros, Csr& a) {
  a.row_start[0] = 0;
  for (std::ptrdiff_t n = 0; n + 1 < std::ptrdiff_t(a.row_start.size()); ++n)
    a.row_start[n + 1] = a.row_start[n] + in.number<std::uint32_t>();
  if (a.row_start.back() != nonzeros) in.fail("the rows' lengths", "do not add up");
}

void check_columns(const PayloadReader& in, const Csr& a) {
  for (std::int64_t n = 0; n < a.rows(); ++n) {
    std::int64_t least = 0;
    for (std::int64_t i = a.row_start[n]; i < a.row_start[n + 1]; ++i) {
      if (a.column[i] < least) in.fail("a row's columns", "do not rise");
      if (a.column[i] >= static_cast<std::uint32_t>(a.columns))
        in.fail("a column", "is not below the number of features");
      least = std::int64_t{a.column[i]} + 1;
    }
  }
}

}  // namespace

std::uint64_t encoded_shard_bytes(std::int64_t rows, std::int64_t nonzeros) {
  return kFixedBytes + static_cast<std::uint64_t>(rows) * kRowBytes +
         static_cast<std::uint64_t>(nonzeros) * kNonzeroBytes;
}

void encode_shard(const Rows& rows, Bytes& out) {
  const Csr& a = rows.data->a;
  const auto count = static_cast<std::uint64_t>(rows.count());
  const auto nonzeros = static_cast<std::uint64_t>(rows.nonzeros());
  out.reserve(out.size() + encoded_shard_bytes(rows.count(), rows.nonzeros()));
  append(std::span<const std::uint64_t>(&count, 1), out);
  append(std::span<const std::uint64_t>(&nonzeros, 1), out);
  append(rows.labels(), out);
  for (std::int64_t n = rows.begin; n < rows.end; ++n) {
    const auto length = static_cast<std::uint32_t>(a.row_start[n + 1] - a.row_start[n]);
    append(std::span<const std::uint32_t>(&length, 1), out);
  }
  const auto first = static_cast<std::size_t>(a.row_start[rows.begin]);
  append(a.column.view().subspan(first, nonzeros), out);
  append(a.value.view().subspan(first, nonzeros), out);
}

void encode_shard_frame(ShardId shard, const Rows& rows, Bytes& out) {
  FrameWriter frame(MessageKind::shard, out,
                    sizeof shard + encoded_shard_bytes(rows.count(), rows.nonzeros()));
  frame.put(shard);
  encode_shard(rows, out);
  frame.finish();
}

ShardId shard_of_frame(ByteSpan payload) {
  return PayloadReader(payload, "SHARD").index("shard", std::numeric_limits<ShardId>::max());
}

ByteSpan rows_of_frame(ByteSpan payload) {
  PayloadReader in(payload, "SHARD");
  in.number<ShardId>();
  return in.rest();
}

Dataset decode_shard(ByteSpan encoded, std::int64_t rows, int features) {
  PayloadReader in(encoded, "a shard's rows");
  const std::int64_t count = in.not_negative("their number");
  if (count != rows) in.fail("their number", "is not what the work says");
  const std::int64_t nonzeros = in.not_negative("the number of nonzeros");
  // Neither product can overflow where this holds.
  const auto most = static_cast<std::int64_t>(encoded.size());
  if (count > most || nonzeros > most || encoded.size() != encoded_shard_bytes(count, nonzeros))
    in.fail("their size", "does not fit their numbers");
  Dataset data;
  data.name = "shard";
  data.a.columns = features;
  data.label.resize_for_overwrite(static_cast<std::size_t>(count));
  data.a.row_start.resize_for_overwrite(static_cast<std::size_t>(count) + 1);
  data.a.column.resize_for_overwrite(static_cast<std::size_t>(nonzeros));
  data.a.value.resize_for_overwrite(static_cast<std::size_t>(nonzeros));
  in.all(std::span(data.label.data(), data.label.size()));
  read_row_lengths(in, nonzeros, data.a);
  in.all(std::span(data.a.column.data(), data.a.column.size()));
  in.all(std::span(data.a.value.data(), data.a.value.size()));
  if (!all_finite(data.label.view())) in.fail("a label", "is not finite");
  if (!all_finite(data.a.value.view())) in.fail("a value", "is not finite");
  check_columns(in, data.a);
  return data;
}

}  // namespace laggard
