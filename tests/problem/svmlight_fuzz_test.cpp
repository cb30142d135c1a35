// Mutated files: whatever comes, the reader ends with a valid data set or with an Error of one
// line.
#include "core/io/error.hpp"
#include "core/problem/svmlight.hpp"
#include "tests/problem/compressed.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace laggard {
namespace {

using Random = std::mt19937_64;

std::string seed_text() {
  std::string text =
      "# a comment\n+1 1:0.5 3:-2e-3 7:1 # more\n-1 qid:3 2:.25 2147483646:9007199254740993\r\n"
      "\n1\t4:1e22\t5:123456789012345678901234567890 \n-1\n+1 1:1 2:2 3:3 4:4 5:5 6:6 7:7 8:8";
  for (int n = 0; n < 20; ++n)
    text += fmt::format("\n{} {}:{} 90:{}", n % 2 * 2 - 1, n + 1, n * 0.1, n);
  return text;
}

// Fragments that mean something to the reader, or nearly.
const std::vector<std::string>& dictionary() {
  static const std::vector<std::string> words = {"\n",
                                                 "\r\n",
                                                 "\r",
                                                 " ",
                                                 "\t",
                                                 "#",
                                                 ":",
                                                 "qid:",
                                                 "qid:1",
                                                 "1:",
                                                 ":1",
                                                 "1:1",
                                                 "0:1",
                                                 "-1:1",
                                                 "nan",
                                                 "inf",
                                                 "-inf",
                                                 "1e999",
                                                 "1e-999",
                                                 "e",
                                                 "E+",
                                                 ".",
                                                 "-",
                                                 "+",
                                                 "0",
                                                 "99999999999",
                                                 "2147483646:1",
                                                 "2147483647:1",
                                                 std::string(1, '\0'),
                                                 "\xff",
                                                 "0x1p3",
                                                 "1e308",
                                                 "4.9e-324",
                                                 "00000000000000000000000000000001",
                                                 std::string(5000, '7'),
                                                 std::string(5000, ' '),
                                                 std::string("\x1f\x8b\x08"),
                                                 "\xfd"
                                                 "7zXZ"};
  return words;
}

void mutate(std::string& bytes, Random& random) {
  const auto below = [&](std::size_t n) {
    return n == 0 ? 0 : static_cast<std::size_t>(random() % n);
  };
  const std::size_t at = below(bytes.size() + 1);
  switch (random() % 7) {
    case 0:
      if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
      break;
    case 1:
      if (at < bytes.size()) bytes[at] = static_cast<char>(random());
      break;
    case 2:
      bytes.erase(at, below(16));
      break;
    case 3:
      bytes.insert(at, dictionary()[below(dictionary().size())]);
      break;
    case 4:
      bytes.insert(at, bytes.substr(below(bytes.size()), below(64)));
      break;
    case 5:
      bytes.resize(at);
      break;
    default:
      if (at < bytes.size()) bytes[at] = "0123456789+-.e: \n#"[random() % 18];
  }
}

void expect_valid(const Dataset& data) {
  ASSERT_GE(data.samples(), 1);
  ASSERT_EQ(data.label.size(), static_cast<std::size_t>(data.samples()));
  ASSERT_EQ(data.a.column.size(), data.a.value.size());
  ASSERT_GE(data.features(), 1);
  ASSERT_EQ(data.a.row_start[0], 0);
  ASSERT_EQ(data.a.row_start.back(), data.a.nonzeros());
  for (std::int64_t n = 0; n < data.samples(); ++n) {
    ASSERT_TRUE(std::isfinite(data.label[n]));
    ASSERT_LE(data.a.row_start[n], data.a.row_start[n + 1]);
    for (std::int64_t e = data.a.row_start[n]; e < data.a.row_start[n + 1]; ++e) {
      ASSERT_LT(data.a.column[e], static_cast<std::uint32_t>(data.features()));
      ASSERT_TRUE(e == data.a.row_start[n] || data.a.column[e - 1] < data.a.column[e]);
      ASSERT_TRUE(std::isfinite(data.a.value[e]));
    }
  }
}

std::optional<Dataset> read(const std::filesystem::path& file, const ReadOptions& options) {
  try {
    return read_svmlight(file, options);
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos);
    EXPECT_NE(message.find("; expected "), std::string::npos) << message;
    EXPECT_LT(message.size(), 400u);
    return std::nullopt;
  }
}

// The plainest possible reader of text that is known to be well formed, to compare with.
void expect_as_plain_reader(const Dataset& data, const std::string& text) {
  std::istringstream lines(text);
  std::int64_t row = 0;
  std::int64_t entry = 0;
  for (std::string line; std::getline(lines, line);) {
    line.resize(std::min(line.find('#'), line.size()));
    std::istringstream tokens(line);
    std::string token;
    if (!(tokens >> token)) continue;
    ASSERT_LT(row, data.samples());
    ASSERT_EQ(data.label[row], std::strtod(token.c_str(), nullptr)) << line;
    while (tokens >> token) {
      if (token.starts_with("qid:")) continue;
      ASSERT_LT(entry, data.a.nonzeros());
      ASSERT_EQ(data.a.column[entry] + 1, std::strtoul(token.c_str(), nullptr, 10)) << line;
      ASSERT_EQ(data.a.value[entry], std::strtod(token.c_str() + token.find(':') + 1, nullptr))
          << line;
      ++entry;
    }
    ASSERT_EQ(data.a.row_start[++row], entry);
  }
  EXPECT_EQ(row, data.samples());
}

struct Outcome {
  int accepted = 0;
  int refused = 0;
};

// One to `most` mutations of `original`, `count` times over.
template <class Check>
Outcome fuzz(const std::string& original, std::uint64_t seed, int count, std::uint64_t most,
             Check check) {
  const TemporaryDirectory directory;
  Random random(seed);
  Outcome outcome;
  for (int i = 0; i < count && !::testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(fmt::format("seed {}, case {}", seed, i));
    std::string bytes = original;
    for (auto k = 1 + random() % most; k > 0; --k) mutate(bytes, random);
    ReadOptions options;
    options.classification = random() % 4 == 0;
    if (random() % 4 == 0) options.features = 90;
    const auto data = read(directory.write("fuzz.svm", bytes), options);
    ++(data ? outcome.accepted : outcome.refused);
    if (!data) continue;
    expect_valid(*data);
    if (!options.classification) check(*data, bytes);
  }
  return outcome;
}

TEST(SvmlightFuzz, MutatedTextIsReadRightOrRefused) {
  for (const std::uint64_t seed : {1, 2, 3, 4}) {
    const Outcome outcome =
        fuzz(seed_text(), seed, 2500, 1 + 3 * (seed - 1), expect_as_plain_reader);
    EXPECT_GT(outcome.accepted, 50);
    EXPECT_GT(outcome.refused, 500);
  }
}

TEST(SvmlightFuzz, MutatedCompressedFilesAreReadOrRefused) {
  const auto ignore = [](const Dataset&, const std::string&) {};
  fuzz(testing::gzip(seed_text()), 5, 2000, 3, ignore);
  fuzz(testing::xz(seed_text()), 6, 2000, 3, ignore);
  fuzz(testing::gzip(seed_text()) + testing::gzip("\n1 1:1\n"), 7, 1000, 2, ignore);
}

// Damaged text in an intact container: this gets past the checksums.
TEST(SvmlightFuzz, MutatedTextInIntactContainersIsReadRightOrRefused) {
  Random random(8);
  const TemporaryDirectory directory;
  for (int i = 0; i < 1000 && !HasFailure(); ++i) {
    SCOPED_TRACE(fmt::format("case {}", i));
    std::string text = seed_text();
    for (auto k = random() % 3; k > 0; --k) mutate(text, random);
    const bool by_gzip = random() % 2 == 0;
    const auto data =
        read(directory.write("fuzz.svm", by_gzip ? testing::gzip(text) : testing::xz(text)), {});
    if (!data) continue;
    expect_valid(*data);
    expect_as_plain_reader(*data, text);
  }
}

}  // namespace
}  // namespace laggard
