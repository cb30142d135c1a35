#include "core/io/zip.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstring>

namespace laggard {
namespace {

std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string all;
  ZipWriter zip([&](std::string_view bytes) { all += bytes; }, "test");
  for (const auto& [name, content] : members) {
    zip.begin(name);
    for (const char c : content.substr(0, 3)) zip.write({&c, 1});
    zip.write(std::string_view(content).substr(std::min<std::size_t>(3, content.size())));
    zip.end();
  }
  zip.finish();
  return all;
}

std::uint32_t number_at(const std::string& zip, std::size_t place, std::size_t bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, zip.data() + place, bytes);
  return value;
}

std::string inflated(const std::string& packed, std::size_t size) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, -MAX_WBITS), Z_OK);
  std::string text(size + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

// By the directory at the end, as programs read it (APPNOTE 4.3).
std::vector<std::pair<std::string, std::string>> members_of(const std::string& zip) {
  const std::size_t end = zip.size() - 22;
  EXPECT_EQ(number_at(zip, end, 4), 0x06054b50u);
  std::size_t entry = number_at(zip, end + 16, 4);
  EXPECT_EQ(entry + number_at(zip, end + 12, 4), end) << "the directory ends where this begins";
  std::vector<std::pair<std::string, std::string>> members;
  for (std::uint32_t i = 0; i < number_at(zip, end + 10, 2); ++i) {
    EXPECT_EQ(number_at(zip, entry, 4), 0x02014b50u);
    const std::uint32_t crc = number_at(zip, entry + 16, 4);
    const std::uint32_t packed = number_at(zip, entry + 20, 4);
    const std::uint32_t size = number_at(zip, entry + 24, 4);
    const std::uint32_t name = number_at(zip, entry + 28, 2);
    const std::size_t local = number_at(zip, entry + 42, 4);
    EXPECT_EQ(number_at(zip, local, 4), 0x04034b50u);
    EXPECT_EQ(zip.substr(local + 4, 26), zip.substr(entry + 6, 26)) << "said twice";
    std::string content = inflated(zip.substr(local + 30 + name, packed), size);
    EXPECT_EQ(crc32(0, reinterpret_cast<const Bytef*>(content.data()), size), crc);
    members.emplace_back(zip.substr(entry + 46, name), std::move(content));
    entry += 46 + name;
  }
  return members;
}

TEST(ZipWriter, HoldsItsMembersInTheirOrder) {
  std::string long_one;
  for (std::uint32_t i = 0; i < 200'000; ++i) long_one += static_cast<char>(i * i >> 7);
  const std::vector<std::pair<std::string, std::string>> members = {
      {"one", "abcdef"}, {"deep/empty", ""}, {"long", long_one}};
  EXPECT_EQ(members_of(zip_of(members)), members);
  EXPECT_EQ(zip_of(members), zip_of(members)) << "nothing of the moment is in it";
  EXPECT_EQ(members_of(zip_of({})).size(), 0u);
}

}  // namespace
}  // namespace laggard
