#include "runners/runner/shard_file.hpp"

#include "core/error.hpp"
#include "core/wire/proof.hpp"
#include "core/wire/shard_data.hpp"
#include "runners/runner/host_name.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace laggard {
namespace {

std::string sha256(const Bytes& bytes) {
  std::array<std::byte, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return to_hex(digest);
}

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

// The host and port that a URL names.
std::string authority(std::string_view url) {
  const bool https = url.starts_with("https://");
  std::string_view rest = url.substr(https ? 8 : 7);
  rest = rest.substr(0, rest.find('/'));
  if (rest.empty() || rest.find('@') != rest.npos)
    throw Error(fmt::format("--shard-source: {}: names no host; expected http(s)://HOST[:PORT]/PATH", url));
  const bool has_port = rest.rfind(':') != rest.npos && !rest.ends_with(']');
  return has_port ? std::string(rest) : fmt::format("{}:{}", rest, https ? 443 : 80);
}

}  // namespace

std::vector<ShardRange> shard_ranges(const Problem& problem) {
  std::vector<ShardRange> ranges;
  std::int64_t offset = 0;
  for_encoded_shards(problem, [&](const Bytes& bytes) {
    const auto size = static_cast<std::int64_t>(bytes.size());
    ranges.push_back({offset, size, sha256(bytes)});
    offset += size;
  });
  return ranges;
}

void write_shard_file(const Problem& problem, const std::filesystem::path& file) {
  const std::filesystem::path part = file.string() + ".part";
  std::ofstream out(part, std::ios::binary);
  for_encoded_shards(problem, [&](const Bytes& bytes) {
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  });
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(part, file, error);
  if (out && !error) return;
  const std::string why = error ? error.message() : std::strerror(errno);
  std::filesystem::remove(part, error);
  throw Error(fmt::format("pack-shards: {}: cannot write it: {}", file.string(), why));
}

ShardSource parse_shard_source(const std::string& text, bool synthetic) {
  ShardSource source;
  if (text == "auto" || text == "coordinator") {
    const bool themselves = text == "auto" && synthetic;
    source.kind = themselves ? ShardSource::Kind::synthetic : ShardSource::Kind::coordinator;
  } else if (text.starts_with("http://") || text.starts_with("https://")) {
    source.kind = ShardSource::Kind::http;
    source.location = text;
    source.address = resolve_host(authority(text), "--shard-source").address().to_string();
  } else {
    source.kind = ShardSource::Kind::file;
    source.location = std::filesystem::absolute(text).string();
    if (!std::filesystem::is_regular_file(source.location))
      throw Error(fmt::format("--shard-source: {}: no such file; expected auto, coordinator, an http(s) URL or "
                              "a file that pack-shards wrote",
                              text));
  }
  return source;
}

}  // namespace laggard
