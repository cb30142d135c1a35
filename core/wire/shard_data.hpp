// The rows of a shard as bytes.
#pragma once

#include "core/problem/dataset.hpp"
#include "core/wire/messages.hpp"

namespace laggard {

// Appends: rows u64, nonzeros u64, labels, row lengths u32, columns u32, values; as doubles always.
void encode_shard(const Rows& rows, Bytes& out);

// A SHARD frame: the shard's number, then encode_shard().
void encode_shard_frame(ShardId shard, const Rows& rows, Bytes& out);
ShardId shard_of_frame(ByteSpan payload);  // throws WireError
ByteSpan rows_of_frame(ByteSpan payload);  // throws WireError

// The rows of a shard as a data set of their own. Throws WireError where the bytes are malformed,
// the rows are not `rows` many, or a column is not below `features` or does not rise within its
// row.
Dataset decode_shard(ByteSpan encoded, std::int64_t rows, int features);

// An upper bound on the bytes of encode_shard.
std::uint64_t encoded_shard_bytes(std::int64_t rows, std::int64_t nonzeros);

}  // namespace laggard
