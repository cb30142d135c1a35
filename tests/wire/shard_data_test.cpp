#include "core/wire/shard_data.hpp"

#include "core/problem/synthetic.hpp"
#include "tests/wire/samples.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace laggard {
namespace {

using namespace laggard::testing;

// Three rows over four columns: (1: 0.5, 3: -2), nothing, (0: 1e-300).
Dataset small() {
  Dataset out;
  out.a.columns = 4;
  for (const std::int64_t v : {0, 2, 2, 3}) out.a.row_start.push_back(v);
  for (const std::uint32_t v : {1u, 3u, 0u}) out.a.column.push_back(v);
  for (const double v : {0.5, -2.0, 1e-300}) out.a.value.push_back(v);
  for (const double v : {1.0, -1.0, 0.25}) out.label.push_back(v);
  return out;
}

Bytes encoded() {
  const Dataset data = small();
  Bytes out;
  encode_shard({&data, 0, 3}, out);
  return out;
}

template <class T>
Bytes with(std::size_t at, T value) {
  Bytes out = encoded();
  std::memcpy(out.data() + at, &value, sizeof value);
  return out;
}

void expect_rows(const Dataset& read, const Dataset& whole, std::int64_t begin, std::int64_t end) {
  ASSERT_EQ(read.samples(), end - begin);
  EXPECT_EQ(read.features(), whole.features());
  const std::int64_t offset = whole.a.row_start[begin];
  for (std::int64_t n = begin; n < end; ++n) {
    EXPECT_EQ(read.label[n - begin], whole.label[n]);
    EXPECT_EQ(read.a.row_start[n - begin + 1], whole.a.row_start[n + 1] - offset);
    for (std::int64_t i = whole.a.row_start[n]; i < whole.a.row_start[n + 1]; ++i) {
      EXPECT_EQ(read.a.column[i - offset], whole.a.column[i]);
      EXPECT_EQ(read.a.value[i - offset], whole.a.value[i]);
    }
  }
}

TEST(ShardData, IsReadBackAsItWas) {
  const Bytes bytes = encoded();
  EXPECT_EQ(bytes.size(), encoded_shard_bytes(3, 3));
  expect_rows(decode_shard(bytes, 3, 4), small(), 0, 3);
}

TEST(ShardData, AnyRowsOfADataSetMakeAShard) {
  const Dataset whole = make_synthetic(parse_synthetic("n=40,d=30,density=0.1,seed=3"), 1);
  for (const auto& [begin, end] : {std::pair{0, 40}, {13, 14}, {20, 20}, {31, 40}}) {
    Bytes bytes;
    encode_shard({&whole, begin, end}, bytes);
    expect_rows(decode_shard(bytes, end - begin, 30), whole, begin, end);
  }
}

TEST(ShardData, TheFrameNamesItsShard) {
  const Dataset data = small();
  Bytes frame;
  encode_shard_frame(5, {&data, 0, 3}, frame);
  const FrameHeader header = decode_header(header_of(frame), frame.size());
  EXPECT_EQ(header.kind, MessageKind::shard);
  EXPECT_EQ(header.payload_bytes,
            most_payload_bytes(MessageKind::shard, kLimits, encoded_shard_bytes(3, 3)));
  EXPECT_NO_THROW(check_whole(header_of(frame), payload_of(frame)));
  EXPECT_EQ(shard_of_frame(payload_of(frame)), 5);
  expect_rows(decode_shard(rows_of_frame(payload_of(frame)), 3, 4), data, 0, 3);
  EXPECT_THROW(shard_of_frame(payload_of(frame).first(3)), WireError);
  EXPECT_THROW(rows_of_frame(payload_of(frame).first(3)), WireError);
}

TEST(ShardData, EveryTruncationIsRefused) {
  const Bytes bytes = encoded();
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_THROW(decode_shard(ByteSpan(bytes).first(size), 3, 4), WireError) << size;
  Bytes longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_THROW(decode_shard(longer, 3, 4), WireError);
}

TEST(ShardData, MalformedRowsAreRefused) {
  constexpr std::size_t kLabels = 16, kLengths = 40, kColumns = 52, kValues = 64;
  EXPECT_NO_THROW(decode_shard(with(kLabels, 3.0), 3, 4));
  EXPECT_THROW(decode_shard(encoded(), 2, 4), WireError) << "another number of rows";
  EXPECT_THROW(decode_shard(encoded(), 3, 3), WireError) << "a column beyond the features";
  EXPECT_THROW(decode_shard(with(0, std::int64_t{-1}), -1, 4), WireError);
  EXPECT_THROW(decode_shard(with(0, std::int64_t{1} << 62), std::int64_t{1} << 62, 4), WireError);
  EXPECT_THROW(decode_shard(with(8, std::int64_t{1} << 62), 3, 4), WireError);
  EXPECT_THROW(decode_shard(with(8, std::int64_t{2}), 3, 4), WireError);
  EXPECT_THROW(decode_shard(with(kLabels, kNaN), 3, 4), WireError);
  EXPECT_THROW(decode_shard(with(kLengths, std::uint32_t{1}), 3, 4), WireError);
  EXPECT_THROW(decode_shard(with(kLengths, std::uint32_t{3}), 3, 4), WireError);
  EXPECT_THROW(decode_shard(with(kLengths, ~std::uint32_t{0}), 3, 4), WireError);
  EXPECT_THROW(decode_shard(with(kColumns, std::uint32_t{3}), 3, 4), WireError) << "twice";
  EXPECT_THROW(decode_shard(with(kColumns, std::uint32_t{4}), 3, 4), WireError);
  EXPECT_THROW(decode_shard(with(kColumns + 4, ~std::uint32_t{0}), 3, 4), WireError);
  EXPECT_THROW(decode_shard(with(kValues, kInfinity), 3, 4), WireError);
}

}  // namespace
}  // namespace laggard
