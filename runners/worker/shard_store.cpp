#include "runners/worker/shard_store.hpp"

#include "core/io/error.hpp"
#include "core/wire/proof.hpp"
#include "core/wire/shard_data.hpp"
#include "runners/worker/http_range.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>

namespace laggard {
namespace {

Bytes read_range(const std::string& path, const ShardRange& range) {
  Bytes bytes(static_cast<std::size_t>(range.bytes));
  std::ifstream file(path, std::ios::binary);
  file.seekg(range.offset);
  file.read(reinterpret_cast<char*>(bytes.data()), range.bytes);
  if (!file)
    throw Error(fmt::format("--shard-source {}: expected a file that holds bytes {} to {}", path,
                            range.offset, range.offset + range.bytes));
  return bytes;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::shared_ptr<const Dataset> no_rows(int features) {
  auto data = std::make_shared<Dataset>();
  data->a.columns = features;
  data->a.row_start.push_back(0);
  return data;
}

bool has_ranges(const ShardSource& source) {
  return source.kind == ShardSource::Kind::file || source.kind == ShardSource::Kind::http;
}

}  // namespace

ShardStore::ShardStore(const Work& work, std::string ca_file, Ask ask,
                       const std::atomic<bool>& stop)
    : work_(work), ca_file_(std::move(ca_file)), ask_(std::move(ask)), stop_(stop) {
  if (has_ranges(work.source) && work.ranges.size() != work.own.size())
    throw Error(fmt::format("work: {} ranges for {} shards; expected one each", work.ranges.size(),
                            work.own.size()));
  if (work.source.kind == ShardSource::Kind::synthetic &&
      (work.synthetic.samples != work.samples || work.synthetic.features != work.features))
    throw Error(fmt::format("work: {} samples of {} features; expected those of {}", work.samples,
                            work.features, work.synthetic.text()));
  for (const ShardId p : work.own)
    if (p < 0 || p >= work.shards)
      throw Error(
          fmt::format("work: shard {} is out of range; expected 0 to {}", p, work.shards - 1));
  problem_.data = no_rows(work.features);
  problem_.loss = make_loss(work.loss);
  problem_.shards = work.shards;
  problem_.pieces.resize(static_cast<std::size_t>(work.shards));
}

bool ShardStore::load(ShardId shard) {
  std::shared_ptr<const Dataset>& piece = problem_.pieces[static_cast<std::size_t>(shard)];
  if (piece) return false;
  Dataset data = made(shard);
  data.identity = work_.identity;
  piece = std::make_shared<const Dataset>(std::move(data));
  return true;
}

std::int64_t ShardStore::nonzeros(ShardId shard) const {
  return problem_.pieces[static_cast<std::size_t>(shard)] ? problem_.shard(shard).nonzeros() : -1;
}

Dataset ShardStore::made(ShardId shard) const {
  if (work_.source.kind == ShardSource::Kind::synthetic) {
    const Buffer<std::int64_t> samples =
        samples_of_shard(work_.samples, work_.sharding, work_.shards, work_.sharding_seed, shard);
    return make_synthetic_rows(work_.synthetic, samples.view());
  }
  const std::int64_t rows =
      work_.samples * (shard + 1) / work_.shards - work_.samples * shard / work_.shards;
  try {
    return decode_shard(fetched(shard), rows, work_.features);
  } catch (const WireError& error) {
    throw Error(fmt::format("shard {}: {}", shard, error.what()));
  }
}

Bytes ShardStore::fetched(ShardId shard) const {
  const auto own = std::find(work_.own.begin(), work_.own.end(), shard);
  if (!has_ranges(work_.source) || own == work_.own.end()) return ask_(shard);
  const ShardRange& range = work_.ranges[static_cast<std::size_t>(own - work_.own.begin())];
  if (range.offset < 0 || range.bytes <= 0)
    throw Error(fmt::format("shard {}: range of {} bytes at {}; expected at least one byte", shard,
                            range.bytes, range.offset));
  const std::string& location = work_.source.location;
  Bytes bytes =
      work_.source.kind == ShardSource::Kind::file
          ? read_range(location, range)
          : fetch({location, work_.source.address, range.offset, range.bytes, ca_file_}, stop_);
  const std::string found = sha256_hex(bytes);
  if (found != lower(range.sha256))
    throw Error(
        fmt::format("--shard-source: shard {} of {}: SHA-256 {}; expected {}: write it again with "
                    "runner pack-shards",
                    shard, location.substr(0, location.find('?')), found, range.sha256));
  return bytes;
}

}  // namespace laggard
