#include "runners/runner/shard_file.hpp"

#include "core/io/atomic_file.hpp"
#include "core/io/error.hpp"
#include "core/wire/proof.hpp"
#include "core/wire/shard_data.hpp"
#include "runners/channels/tls/address.hpp"
#include "runners/runner/host_name.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

// Calls each(bytes) for every shard in turn.
template <class Each>
void for_encoded_shards(const Problem& problem, Each each) {
  Bytes bytes;
  for (ShardId p = 0; p < problem.shards; ++p) {
    bytes.clear();
    encode_shard(problem.shard(p), bytes);
    each(bytes);
  }
}

}  // namespace

std::vector<ShardRange> shard_ranges(const Problem& problem) {
  std::vector<ShardRange> ranges;
  std::int64_t offset = 0;
  for_encoded_shards(problem, [&](const Bytes& bytes) {
    const auto size = static_cast<std::int64_t>(bytes.size());
    ranges.push_back({offset, size, sha256_hex(bytes)});
    offset += size;
  });
  return ranges;
}

void write_shard_file(const Problem& problem, const std::filesystem::path& file,
                      const std::atomic<bool>& interrupted) {
  AtomicFile out(file, "pack-shards");
  for_encoded_shards(problem, [&](const Bytes& bytes) {
    if (interrupted) throw Error("pack-shards: interrupted");
    out.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  });
  out.publish();
}

ShardSource parse_shard_source(const std::string& text, bool synthetic) {
  ShardSource source;
  if (text == "auto" || text == "coordinator") {
    const bool themselves = text == "auto" && synthetic;
    source.kind = themselves ? ShardSource::Kind::synthetic : ShardSource::Kind::coordinator;
  } else if (text.starts_with("http://") || text.starts_with("https://")) {
    source.kind = ShardSource::Kind::http;
    source.location = text;
    const Url url = parse_url(text, "--shard-source");
    const bool v6 = url.host.find(':') != url.host.npos;
    source.address =
        resolve_host(fmt::format("{}{}{}:{}", v6 ? "[" : "", url.host, v6 ? "]" : "", url.port),
                     "--shard-source")
            .address()
            .to_string();
  } else {
    source.kind = ShardSource::Kind::file;
    source.location = std::filesystem::absolute(text).string();
    if (!std::filesystem::is_regular_file(source.location))
      throw Error(fmt::format(
          "--shard-source: {}: no such file; expected auto, coordinator, an http(s) URL or "
          "a file that pack-shards wrote",
          without_secrets(text)));
  }
  return source;
}

}  // namespace laggard
