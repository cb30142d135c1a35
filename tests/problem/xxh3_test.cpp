#include "core/problem/xxh3.hpp"
#include "tests/support/vector_widths.hpp"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <vector>

namespace laggard {
namespace {

TEST(Xxh3, IsTheLibrarysAtEveryLengthAndAlignment) {
  std::vector<unsigned char> bytes(100'003);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<unsigned char>(i * 2654435761u >> 13);
  testing::at_every_vector_width([&] {
    const auto check = [&](const unsigned char* data, std::size_t size) {
      EXPECT_EQ(xxh3(data, size), XXH3_64bits(data, size)) << size;
      EXPECT_EQ(xxh3(data, size, 12345), XXH3_64bits_withSeed(data, size, 12345)) << size;
    };
    for (std::size_t size = 0; size < 2200; ++size) check(bytes.data() + size % 3, size);
    check(bytes.data(), bytes.size());
    check(bytes.data() + 1, 80'000);
  });
}

}  // namespace
}  // namespace laggard
