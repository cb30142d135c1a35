#include "core/problem/svmlight.hpp"

#include "core/io/error.hpp"
#include "core/problem/text_blocks.hpp"
#include "tests/problem/compressed.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace laggard {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Svmlight : public ::testing::Test {
 protected:
  Dataset read(std::string_view text, const ReadOptions& options = {}) const {
    return read_svmlight(directory_.write("data.svm", text), options);
  }

  TemporaryDirectory directory_;
};

void expect_same_matrix(const Dataset& a, const Dataset& b) {
  EXPECT_EQ(a.a.columns, b.a.columns);
  EXPECT_TRUE(std::ranges::equal(a.a.row_start, b.a.row_start));
  EXPECT_TRUE(std::ranges::equal(a.a.column, b.a.column));
  EXPECT_TRUE(std::ranges::equal(a.a.value, b.a.value));
  EXPECT_TRUE(std::ranges::equal(a.label, b.label));
}

TEST_F(Svmlight, RowsAreReadWithZeroBasedColumns) {
  const Dataset data = read("+1 1:0.5 3:-2\n-1 2:1e-3\n");
  EXPECT_EQ(data.samples(), 2);
  EXPECT_EQ(data.features(), 3);
  EXPECT_THAT(data.a.row_start.view(), ElementsAre(0, 2, 3));
  EXPECT_THAT(data.a.column.view(), ElementsAre(0u, 2u, 1u));
  EXPECT_THAT(data.a.value.view(), ElementsAre(0.5, -2, 1e-3));
  EXPECT_THAT(data.label.view(), ElementsAre(1, -1));
  EXPECT_THAT(data.notices, IsEmpty());
}

TEST_F(Svmlight, LooseFormattingIsAccepted) {
  const Dataset plain = read("1 1:1 2:2\n-1\n2.5 2:3\n");
  for (const char* text : {
           "1 1:1 2:2\n-1\n2.5 2:3",                             // no last newline
           "1 1:1 2:2\r\n-1\r\n2.5 2:3\r\n",                     // CRLF
           "1 1:1 2:2\r\n-1\r\n2.5 2:3\r",                       // half a CRLF at the end
           "+1\t1:+1\t\t2:2.\n -1 \n\t2.5 2:3 \n",               // tabs, blanks around, signs
           "\n\n1 1:1 2:2\n  \n\t\r\n-1\n2.5 2:3\n\n \n",        // blank lines
           "# head\n1 1:1 2:2 # a 3:4\n  # b\n-1#c\n2.5 2:3#d",  // comments
           "1 qid:7 1:1 2:2\n-1 qid:3\n2.5\tqid:0  2:3\n",       // query ids
           "1 01:1 0000000000000000000000002:2\n-1\n2.5 2:3\n",  // leading zeros
       }) {
    SCOPED_TRACE(text);
    expect_same_matrix(read(text), plain);
  }
}

TEST_F(Svmlight, RowsWithoutFeaturesAreKept) {
  const Dataset data = read("1\n-1 2:5\n-1\n");
  EXPECT_THAT(data.a.row_start.view(), ElementsAre(0, 0, 1, 1));
}

TEST_F(Svmlight, FeaturesFixesTheNumberOfColumns) {
  EXPECT_EQ(read("1 2:1\n", {.features = 7}).features(), 7);
  EXPECT_EQ(read("1\n", {.features = 7}).features(), 7);
  EXPECT_EQ(read("1 2147483646:1\n").features(), 2147483646);
}

TEST_F(Svmlight, ZerosAndUnderflowAreKeptAsEntries) {
  const Dataset data = read("0 1:0 2:-0 3:1e-400\n");
  EXPECT_EQ(data.a.nonzeros(), 3);
  EXPECT_TRUE(std::signbit(data.a.value[1]));
  EXPECT_EQ(data.a.value[2], 0);
}

TEST_F(Svmlight, CompressedFilesAreToldByTheirFirstBytesNotTheirName) {
  const std::string text = "1 1:1 2:2\n-1 3:0.25\n";
  const Dataset plain = read(text);
  const std::string halves[] = {text.substr(0, 5), text.substr(5)};
  for (const std::string& bytes :
       {testing::gzip(text), testing::xz(text), testing::gzip(halves[0]) + testing::gzip(halves[1]),
        testing::xz(halves[0]) + testing::xz(halves[1])}) {
    const Dataset data = read(bytes);
    expect_same_matrix(data, plain);
    EXPECT_EQ(data.sha256, plain.sha256);
    EXPECT_EQ(data.identity, plain.identity);
  }
}

TEST_F(Svmlight, IdentityNamesTheTextTheColumnsAndTheMeaningOfLabels) {
  const Dataset data = read("1 1:1\n-1 2:1\n");
  EXPECT_EQ(data.sha256, "dd9cb84beee4338679e457238bb75ed993fe781117010c2d418a5ddb14dd8cf1");
  EXPECT_EQ(data.identity, "sha256:" + data.sha256 + ",features=2");
  EXPECT_EQ(read("1 1:1\n-1 2:1\n", {.features = 5, .classification = true}).identity,
            "sha256:" + data.sha256 + ",features=5,classes");
}

TEST_F(Svmlight, NameIsTheFileNameWithoutKnownExtensions) {
  const std::array<std::pair<const char*, const char*>, 5> cases = {{{"heart.svm", "heart"},
                                                                     {"heart.svm.gz", "heart"},
                                                                     {"a.b.txt.xz", "a.b"},
                                                                     {"a9a.train", "a9a.train"},
                                                                     {"plain", "plain"}}};
  for (const auto& [file, name] : cases) {
    EXPECT_EQ(read_svmlight(directory_.write(file, "1 1:1\n")).name, name);
  }
}

TEST_F(Svmlight, ZeroOneAndOneTwoLabelsAreMappedWithANotice) {
  const ReadOptions classes{.features = {}, .classification = true};
  const Dataset zero_one = read("0 1:1\n1 1:1\n", classes);
  EXPECT_THAT(zero_one.label.view(), ElementsAre(-1, 1));
  EXPECT_THAT(zero_one.notices, ElementsAre("labels 0 and 1 read as -1 and +1"));
  const Dataset one_two = read("1 1:1\n2 1:1\n1 1:1\n", classes);
  EXPECT_THAT(one_two.label.view(), ElementsAre(-1, 1, -1));
  EXPECT_THAT(one_two.notices, ElementsAre("labels 1 and 2 read as -1 and +1"));
}

TEST_F(Svmlight, MinusPlusLabelsAreKeptEvenIfOneClassIsMissing) {
  const ReadOptions classes{.features = {}, .classification = true};
  for (const auto& [text, count] :
       {std::pair{"-1 1:1\n+1 1:1\n", 2}, {"1 1:1\n1.0 1:1\n", 2}, {"-1 1:1\n", 1}}) {
    const Dataset data = read(text, classes);
    EXPECT_EQ(data.samples(), count);
    if (text[0] == '-' && count == 2)
      EXPECT_THAT(data.notices, IsEmpty());
    else
      EXPECT_THAT(data.notices, ElementsAre("all labels are the same: there is one class, and "
                                            "nothing to tell apart"));
    EXPECT_EQ(data.label.back(), text[0] == '-' && count == 1 ? -1 : 1);
  }
}

TEST_F(Svmlight, RealLabelsAreLeftAloneWithoutClassification) {
  EXPECT_THAT(read("0 1:1\n1 1:1\n").label.view(), ElementsAre(0, 1));
  EXPECT_THAT(read("2.37 1:1\n-1e3 1:1\n").label.view(), ElementsAre(2.37, -1e3));
}

// The blocks of the reader are smaller than this text: whatever they cut in two must not show.
TEST_F(Svmlight, WhereTheTextIsCutIntoPiecesDoesNotMatter) {
  std::string text;
  for (int n = 0; n < 8000; ++n) {
    text += fmt::format("{} qid:{} {}:{:.9g}\t{}:-{}e-3  # {}\r\n", n % 2 ? "+1" : "-1", n,
                        n % 100 + 1, n * 0.37, n % 100 + 2 + n % 7, n, n);
  }
  ASSERT_GT(text.size(), TextBlock::kBytes);
  const Dataset plain = read(text);
  ASSERT_EQ(plain.samples(), 8000);
  for (std::size_t shift = 1; shift <= 48; ++shift) {
    expect_same_matrix(read(fmt::format("#{:->{}}\n{}", "", shift, text)), plain);
  }
}

TEST_F(Svmlight, CommentsAndBlanksMayBeLongerThanAnyBuffer) {
  const Dataset plain = read("1 1:1 2:2\n");
  const std::string blanks(TextBlock::kBytes + 40'000, ' ');
  expect_same_matrix(read("#" + std::string(2 * TextBlock::kBytes, 'x') + "\n1 1:1 2:2\n"), plain);
  expect_same_matrix(read("1 1:1" + blanks + "2:2" + blanks), plain);
  expect_same_matrix(read(blanks + "\n" + blanks + "1 1:1 2:2 #" + blanks), plain);
}

// Some blocks of text, with all that there may be in it, lines longer than a block too; what it
// says as well, told by no reader.
struct Told {
  std::string text;
  Dataset data;
};

Told many_blocks(const char* newline) {
  Told told;
  told.data.a.row_start.push_back(0);
  const auto add_row = [&](int label, int entries) {
    told.text += fmt::format("{:+d}", label);
    told.data.label.push_back(label);
    for (int j = 0; j < entries; ++j) {
      const int column = 3 * j + label + 2, eighths = 7 * j + label;
      told.text += fmt::format(" {}:{}", column, 0.125 * eighths);
      told.data.a.column.push_back(static_cast<std::uint32_t>(column - 1));
      told.data.a.value.push_back(0.125 * eighths);
      told.data.a.columns = std::max(told.data.a.columns, column);
    }
    told.data.a.row_start.push_back(told.data.a.nonzeros());
    told.text += newline;
  };
  for (int n = 0; n < 24'000; ++n) {
    add_row(n % 3 == 0 ? 1 : -1, n % 7);
    if (n % 5 == 0) told.text += newline;
    if (n % 11 == 0) told.text += fmt::format("  # {}{}", n, newline);
    if (n == 9000 || n == 9001) add_row(-1, 60'000);
    if (n == 15'000) told.text += "#" + std::string(TextBlock::kBytes, 'x') + newline;
  }
  return told;
}

TEST_F(Svmlight, TwoThreadsReadWhatTheTextSays) {
  ReadOptions options;
  options.classification = true;
  for (const char* newline : {"\n", "\r\n"}) {
    const Told told = many_blocks(newline);
    ASSERT_GT(told.text.size(), 6 * TextBlock::kBytes);
    const std::string bare = told.text.substr(0, told.text.rfind(newline));
    for (const int threads : {1, 2, 5}) {
      options.threads = threads;
      for (std::size_t shift = 0; shift < 4; ++shift)
        expect_same_matrix(read(std::string(shift, '\n') + told.text, options), told.data);
      expect_same_matrix(read(bare, options), told.data);
      expect_same_matrix(read(testing::gzip(told.text), options), told.data);
      EXPECT_EQ(read(told.text, options).sha256, read(testing::xz(told.text)).sha256);
    }
  }
}

// The block before the line has no row, so that it is parsed again in its turn: by then the other
// thread has taken the line's first block, and only that thread may read on.
TEST_F(Svmlight, ALineLongerThanABlockIsReadByTheThreadThatBeganIt) {
  std::string comments, line = "1", rows;
  while (comments.size() < 2 * TextBlock::kBytes) comments += "# nothing yet\n";
  for (int j = 1; line.size() < 3 * TextBlock::kBytes; ++j) line += fmt::format(" {}:0.25", j);
  while (rows.size() < 3 * TextBlock::kBytes) rows += fmt::format("{} 1:1 7:2\n", rows.size());
  ReadOptions options;
  for (std::size_t more = 0; more < 3; ++more) {
    const std::string text = comments + std::string(more * 1000, '\n') + line + "\n" + rows;
    options.threads = 1;
    const Dataset alone = read(text, options);
    options.threads = 2;
    expect_same_matrix(read(text, options), alone);
  }
}

TEST_F(Svmlight, TwoThreadsMapLabelsThatOnlyTheLastBlockTells) {
  ReadOptions options;
  options.classification = true;
  options.threads = 2;
  std::string text;
  while (text.size() < 5 * TextBlock::kBytes) text += "1 1:1 2:0.5\n";
  const Dataset data = read(text + "0 1:1\n", options);
  EXPECT_EQ(data.label[0], 1);
  EXPECT_EQ(data.label.back(), -1);
  EXPECT_THAT(data.notices, ElementsAre("labels 0 and 1 read as -1 and +1"));
}

TEST_F(Svmlight, ABlockMayEndWithTheText) {
  ReadOptions options;
  for (const std::size_t blocks : {1, 2}) {
    for (const int more : {-1, 0, 1}) {
      const std::size_t size = blocks * TextBlock::kBytes + static_cast<std::size_t>(more);
      std::string text;
      for (int n = 0; n < 10'000; ++n) text += "1 1:1 2:0.25\n";
      text += std::string(size - text.size() - 1, '#') + "\n";
      for (options.threads = 1; options.threads <= 2; ++options.threads) {
        EXPECT_EQ(read(text, options).samples(), 10'000);
        EXPECT_EQ(read(text + "1 1:1", options).samples(), 10'001);
      }
    }
  }
}

struct Bundled {
  const char* name;
  std::int64_t samples;
  int features;
  std::int64_t nonzeros;
  const char* sha256;
};

// The figures of data/README.md.
TEST(SvmlightData, BundledSetsHaveTheirPublishedFigures) {
  constexpr Bundled kSets[] = {
      {"heart", 270, 13, 3378, "63917b08a72632bb3d5c0a704c40fe3ed35aca473c2ace511c8ad37a8b5df20a"},
      {"a9a", 32561, 123, 451592,
       "76b604b2c3f738783537bd3b32893eae66af54b8a41aee534fac1ecea45c1535"},
      {"mushrooms", 8124, 126, 178728,
       "baf06000f6ac2f6ac0e9a7e27e2e87061831704dafa51d7bd2e0c3c4ad8e5475"},
      {"rcv1_1500", 1498, 47236, 117143,
       "329500987db5a06472f4d5ebc1940ebbd2651f27b468c6a5b407f66e0f21c1b6"},
  };
  for (const Bundled& set : kSets) {
    SCOPED_TRACE(set.name);
    const auto file = std::filesystem::path(LAGGARD_DATA_DIR) / (std::string(set.name) + ".svm.gz");
    const Dataset data = read_svmlight(file, {.features = set.features, .classification = true});
    EXPECT_EQ(data.name, set.name);
    EXPECT_EQ(data.samples(), set.samples);
    EXPECT_EQ(data.a.nonzeros(), set.nonzeros);
    EXPECT_EQ(data.sha256, set.sha256);
    EXPECT_THAT(data.notices, IsEmpty());
  }
}

}  // namespace
}  // namespace laggard
