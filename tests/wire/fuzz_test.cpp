// Bytes that nobody meant.
#include "core/io/error.hpp"
#include "core/wire/assignment.hpp"
#include "core/wire/shard_data.hpp"
#include "core/wire/work.hpp"
#include "tests/support/mutate.hpp"
#include "tests/wire/samples.hpp"

#include <gtest/gtest.h>

#include <random>

namespace laggard {
namespace {

using namespace laggard::testing;
using Random = std::mt19937_64;

Bytes noise(Random& random, std::size_t most) {
  Bytes out(random() % (most + 1));
  for (std::byte& b : out) b = static_cast<std::byte>(random());
  return out;
}

// Refused, or read to what encodes to the very same bytes. Returns whether it was read.
bool read_or_refuse(const Sample& sample, const Bytes& payload, std::uint64_t seed) {
  try {
    const Bytes again = sample.read(payload);
    const ByteSpan rest = payload_of(again);
    EXPECT_EQ(Bytes(rest.begin(), rest.end()), payload) << sample.name << ", seed " << seed;
    return true;
  } catch (const WireError&) {
    return false;
  }
}

TEST(Fuzz, AnyPayloadIsRefusedOrMeansOneThing) {
  const std::vector<Sample> all = samples();
  std::uint64_t read = 0, refused = 0;
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    Random random(seed);
    for (const Sample& sample : all) {
      Bytes mutated(payload_of(sample.frame).begin(), payload_of(sample.frame).end());
      mutate(mutated, random);
      ++(read_or_refuse(sample, mutated, seed) ? read : refused);
      ++(read_or_refuse(sample, noise(random, 200), seed) ? read : refused);
    }
  }
  EXPECT_GT(read, seeds());
  EXPECT_GT(refused, seeds());
}

TEST(Fuzz, NoChangedFrameIsTakenForAnother) {
  const std::vector<Sample> all = samples();
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    Random random(seed);
    const Sample& sample = all[random() % all.size()];
    Bytes frame = sample.frame;
    mutate(frame, random);
    if (frame == sample.frame || frame.size() < kFrameHeaderBytes) continue;
    const auto read = [&] {
      const FrameHeader header = decode_header(header_of(frame), 1 << 20);
      if (header.payload_bytes != payload_of(frame).size()) throw WireError("another size");
      check_whole(header_of(frame), payload_of(frame));
    };
    EXPECT_THROW(read(), WireError) << sample.name << ", seed " << seed;
  }
}

TEST(Fuzz, RowsAreRefusedOrReadBack) {
  const Dataset whole = make_synthetic(parse_synthetic("n=6,d=9,density=0.4,seed=2"), 1);
  Bytes good;
  encode_shard({&whole, 0, 6}, good);
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    Random random(seed);
    Bytes bytes = good;
    mutate(bytes, random);
    try {
      const Dataset read = decode_shard(bytes, 6, 9);
      Bytes again;
      encode_shard({&read, 0, read.samples()}, again);
      EXPECT_EQ(again, bytes) << "seed " << seed;
    } catch (const WireError&) {
    }
  }
}

TEST(Fuzz, JsonIsRefusedWithTheErrorThatIsPromised) {
  Work work;
  work.samples = work.features = 10;
  work.most_numbers_down = 20;
  Assignment start;
  start.connect = "127.0.0.1:1";
  const std::string assignment = to_json(start), of_work = to_json(work);
  const auto changed = [](std::string text, Random& random) {
    mutate(text, random);
    return text;
  };
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    Random random(seed);
    try {
      parse_assignment(changed(assignment, random));
    } catch (const Error&) {
    }
    try {
      parse_work(changed(of_work, random));
    } catch (const WireError&) {
    }
  }
}

}  // namespace
}  // namespace laggard
