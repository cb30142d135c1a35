// Checkpoints that something damaged.
#include "core/io/error.hpp"
#include "core/schedule/checkpoint.hpp"
#include "tests/support/mutate.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xxhash.h>

namespace laggard {
namespace {

template <class T>
void append(std::string& bytes, T number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void append_text(std::string& bytes, const std::string& text) {
  append(bytes, std::uint64_t{text.size()});
  bytes += text;
}

// What comes before the checksum, from the description of the format alone.
std::string body_of(const Checkpoint& checkpoint) {
  std::string bytes = "LAGGCKPT";
  append(bytes, std::uint32_t{5});
  append(bytes, std::int32_t{checkpoint.round});
  append(bytes, std::uint64_t{checkpoint.made_with.size()});
  for (const auto& [name, value] : checkpoint.made_with) {
    append_text(bytes, name);
    append_text(bytes, value);
  }
  append_text(bytes, checkpoint.state);
  return bytes;
}

std::string with_checksum(std::string body) {
  append(body, std::uint64_t{XXH3_64bits(body.data(), body.size())});
  return body;
}

const Checkpoint kGood = {
    7, {{"--method", "admm"}, {"--workers", "4"}, {"--note", ""}}, std::string(60, '\x3f')};

class CheckpointFuzz : public testing::Test {
 protected:
  std::string file() const { return (directory_ / "checkpoint").string(); }

  // Nothing: refused, by the file's name.
  std::optional<Checkpoint> read(const std::string& bytes) const {
    directory_.write("checkpoint", bytes);
    try {
      return read_checkpoint(directory_.path());
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::StartsWith("--resume: " + file() + " "));
      return std::nullopt;
    }
  }

  TemporaryDirectory directory_;
};

TEST_F(CheckpointFuzz, TheFormatIsTheOneThatIsWritten) {
  CheckpointWriter writer(directory_.path(), kGood.made_with, true);
  writer.write(kGood.round, kGood.state);
  writer.finish();
  EXPECT_EQ(read_text(file()), with_checksum(body_of(kGood)));
}

TEST_F(CheckpointFuzz, NoChangedFileIsTakenForAnother) {
  const std::string good = with_checksum(body_of(kGood));
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    std::mt19937_64 random(seed);
    std::string bytes = good;
    mutate(bytes, random);
    EXPECT_EQ(read(bytes).has_value(), bytes == good) << "seed " << seed;
  }
}

TEST_F(CheckpointFuzz, AnyBodyWithTheRightChecksumIsRefusedOrMeansOneThing) {
  std::uint64_t taken = 0, refused = 0;
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    std::mt19937_64 random(seed);
    std::string body = body_of(kGood);
    mutate(body, random);
    const std::optional<Checkpoint> checkpoint = read(with_checksum(body));
    if (checkpoint) {
      EXPECT_EQ(body_of(*checkpoint), body) << "seed " << seed;
      EXPECT_GE(checkpoint->round, 0) << "seed " << seed;
    }
    ++(checkpoint ? taken : refused);
  }
  EXPECT_GT(taken, seeds() / 20);
  EXPECT_GT(refused, seeds() / 20);
}

}  // namespace
}  // namespace laggard
