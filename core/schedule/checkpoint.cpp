#include "core/schedule/checkpoint.hpp"

#include "core/io/atomic_file.hpp"
#include "core/io/error.hpp"
#include "core/method/state_archive.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

namespace laggard {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFile = "checkpoint";
constexpr std::string_view kMagic = "LAGGCKPT";
constexpr std::uint32_t kVersion = 5;

// The magic, the version, what must be the same, the state, and XXH3-64 of all before it.
std::string encode(Checkpoint checkpoint) {
  StateArchive archive;
  std::uint32_t version = kVersion;
  std::uint64_t count = checkpoint.made_with.size();
  archive.value(version);
  archive.value(checkpoint.round);
  archive.value(count);
  for (auto& [name, value] : checkpoint.made_with) {
    archive.text(name);
    archive.text(value);
  }
  archive.text(checkpoint.state);
  std::string bytes = std::string(kMagic) + archive.take();
  const std::uint64_t checksum = XXH3_64bits(bytes.data(), bytes.size());
  return bytes.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
}

Checkpoint decode(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) throw Error("is no checkpoint");
  std::uint64_t checksum = 0;
  if (bytes.size() < kMagic.size() + sizeof checksum) throw Error("ends too early");
  const std::string_view body = bytes.substr(0, bytes.size() - sizeof checksum);
  std::memcpy(&checksum, body.data() + body.size(), sizeof checksum);
  if (XXH3_64bits(body.data(), body.size()) != checksum)
    throw Error("is damaged: its checksum is wrong");
  StateArchive archive(body.substr(kMagic.size()));
  Checkpoint out;
  std::uint32_t version = 0;
  archive.value(version);
  if (version != kVersion)
    throw Error(fmt::format("is of version {}; expected {}", version, kVersion));
  std::uint64_t count = 0;
  archive.value(out.round);
  if (out.round < 0) throw Error(fmt::format("is of round {}; expected one from 0 on", out.round));
  archive.value(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    auto& [name, value] = out.made_with.emplace_back();
    archive.text(name);
    archive.text(value);
  }
  archive.text(out.state);
  archive.finish();
  return out;
}

}  // namespace

Checkpoint read_checkpoint(const fs::path& directory) {
  const fs::path file = directory / kFile;
  std::ifstream in(file, std::ios::binary);
  if (!in || fs::is_directory(file))
    throw Error(fmt::format("--resume: {} cannot be read; expected the directory of a --checkpoint",
                            file.string()));
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  try {
    return decode(bytes);
  } catch (const Error& error) {
    throw Error(fmt::format("--resume: {} {}", file.string(), error.what()));
  }
}

void check_made_with(const Checkpoint& checkpoint, const MadeWith& own, const fs::path& directory) {
  for (const auto& [name, value] : own) {
    const auto found =
        std::find_if(checkpoint.made_with.begin(), checkpoint.made_with.end(),
                     [&wanted = name](const auto& each) { return each.first == wanted; });
    const std::string theirs = found == checkpoint.made_with.end() ? "none" : found->second;
    if (theirs != value)
      throw Error(fmt::format("--resume: {} was made with {} {}; expected the same, not {}",
                              (directory / kFile).string(), name, theirs, value));
  }
}

CheckpointWriter::CheckpointWriter(fs::path directory, MadeWith made_with, bool replace)
    : directory_(std::move(directory)), made_with_(std::move(made_with)) {
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error || !fs::is_directory(directory_) || ::access(directory_.c_str(), W_OK | X_OK) != 0)
    throw Error(fmt::format("--checkpoint: {} cannot be written to; expected a directory",
                            directory_.string()));
  if (!lock_.take(directory_ / "lock", "--checkpoint"))
    throw Error(fmt::format(
        "--checkpoint: another run writes to {}; expected a directory for this run alone",
        directory_.string()));
  if (!replace && fs::exists(directory_ / kFile))
    throw Error(
        fmt::format("--checkpoint: {} holds a checkpoint; expected --resume {}, --overwrite or "
                    "another directory",
                    directory_.string(), directory_.string()));
}

CheckpointWriter::~CheckpointWriter() { wait(); }

void CheckpointWriter::write(int round, std::string state) {
  wait();
  pending_ = std::async(std::launch::async, [this, round, bytes = std::move(state)]() mutable {
    write_atomically(directory_ / kFile, encode({round, made_with_, std::move(bytes)}),
                     "--checkpoint");
  });
}

void CheckpointWriter::wait() {
  if (!pending_.valid()) return;
  try {
    pending_.get();
  } catch (...) {
    if (!failure_) failure_ = std::current_exception();  // told by finish()
  }
}

void CheckpointWriter::finish() {
  wait();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

}  // namespace laggard
