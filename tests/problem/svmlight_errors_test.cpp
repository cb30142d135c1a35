#include "core/io/error.hpp"
#include "core/problem/svmlight.hpp"
#include "core/problem/text_blocks.hpp"
#include "tests/problem/compressed.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <string>

namespace laggard {
namespace {

class SvmlightErrors : public ::testing::Test {
 protected:
  // The message without the path of the directory; it must be one line.
  std::string error(std::string_view bytes, const ReadOptions& options = {}) const {
    return error_of_file(directory_.write("bad.svm", bytes), options);
  }

  std::string error_of_file(const std::filesystem::path& file,
                            const ReadOptions& options = {}) const {
    try {
      read_svmlight(file, options);
    } catch (const Error& e) {
      std::string message = e.what();
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      const std::string parent = (directory_ / "").string();
      if (message.starts_with(parent)) message.erase(0, parent.size());
      return message;
    }
    return "no error";
  }

  TemporaryDirectory directory_;
};

TEST_F(SvmlightErrors, DuplicateIndexIsAnErrorWithFileLineColumn) {
  EXPECT_EQ(error("1 1:1\n# c\n-1 2:1 2:3\n"),
            "bad.svm:3:8: duplicate index 2; expected indices that rise within a row");
}

TEST_F(SvmlightErrors, UnsortedIndexIsAnErrorWithFileLineColumn) {
  EXPECT_EQ(error("1 4:1\t3:1\n"),
            "bad.svm:1:7: unsorted index 3 after 4; expected indices that rise within a row");
}

TEST_F(SvmlightErrors, IndexOutOfRangeIsAnErrorWithFileLineColumn) {
  EXPECT_EQ(error("1 0:1\n"), "bad.svm:1:3: index 0; expected indices from 1");
  EXPECT_EQ(error("1 -2:1\n"),
            "bad.svm:1:3: \"-2:1\" has a negative index; expected indices from 1");
  EXPECT_EQ(error("1 2147483647:1\n"),
            "bad.svm:1:3: index 2147483647 is too large; expected at most 2147483646");
  EXPECT_EQ(error("1 99999999999999999999999999999:1\n"),
            "bad.svm:1:3: index 99999999999999999999... is too large; expected at most 2147483646");
  EXPECT_EQ(error("1 3:1\n\n1 1:1 14:1\n", {.features = 13}),
            "bad.svm:3:7: index 14 is beyond --features 13; expected at most 13");
}

TEST_F(SvmlightErrors, NumbersThatAreNotFiniteAreErrors) {
  EXPECT_EQ(error("1 1:nan\n"),
            "bad.svm:1:5: value \"nan\" is not finite; expected a finite number");
  EXPECT_EQ(error("1 1:-inf\n"),
            "bad.svm:1:5: value \"-inf\" is not finite; expected a finite number");
  EXPECT_EQ(error("1 1:1e999\n"),
            "bad.svm:1:5: value \"1e999\" is not finite; expected a finite number");
  EXPECT_EQ(error("1 1:1\nnan 1:1\n"),
            "bad.svm:2:1: label \"nan\" is not finite; expected a finite number");
}

TEST_F(SvmlightErrors, GarbageIsAnErrorWithFileLineColumn) {
  const std::string no_label = " is not a number; expected a number, then index:value pairs";
  EXPECT_EQ(error("hello\n"), "bad.svm:1:1: label \"hello\"" + no_label);
  EXPECT_EQ(error("1 1:1\n  1:1 2:2\n"), "bad.svm:2:3: label \"1:1\"" + no_label);
  EXPECT_EQ(error(std::string("\0\x01", 2)), "bad.svm:1:1: label \"\\x00\\x01\"" + no_label);
  EXPECT_EQ(error("1 1:1\r1 1:1\n"), "bad.svm:1:6: \"\\x0d\"; expected index:value");
  EXPECT_EQ(error("1 5\n"), "bad.svm:1:3: \"5\"; expected index:value");
  EXPECT_EQ(error("1 a:1\n"), "bad.svm:1:3: \"a:1\"; expected index:value");
  EXPECT_EQ(error("1 1 :1\n"), "bad.svm:1:3: \"1\"; expected index:value");
  EXPECT_EQ(error("1 1:\n"), "bad.svm:1:5: value \"\" is not a number; expected a number");
  EXPECT_EQ(error("1 1:+-2\n"), "bad.svm:1:5: value \"+-2\" is not a number; expected a number");
  EXPECT_EQ(error("1 1:2:3\n"), "bad.svm:1:5: value \"2:3\" is not a number; expected a number");
  EXPECT_EQ(error("1 1:0x10\n"), "bad.svm:1:5: value \"0x10\" is not a number; expected a number");
  EXPECT_EQ(error("1 1:1 qid:3\n"), "bad.svm:1:7: \"qid:3\"; expected index:value");
  EXPECT_EQ(error("1 qid:x 1:1\n"),
            "bad.svm:1:3: \"qid:x\" after the label; expected qid: and a whole number");
  EXPECT_EQ(error("1 quid:1 1:1\n"),
            "bad.svm:1:3: \"quid:1\" after the label; expected index:value or qid:number");
}

TEST_F(SvmlightErrors, TokensLongerThanAnyNumberAreErrors) {
  const std::string zeros(10'000, '0');
  const std::string far = std::string(200'000, ' ');
  for (const std::string& text :
       {"1 1:0." + zeros + far + "\n" + far, "1 " + zeros + "1:1" + far + "\n" + far,
        "1 1:1" + std::string(140'000, '2') + " 3:1\n", "1." + zeros + far + far}) {
    const std::string message = error(text);
    EXPECT_TRUE(message == "no error" || message.starts_with("bad.svm:1:")) << message;
  }
  // Cut at any length, such a token must never be read as two.
  for (std::size_t length = 130'000; length < 132'000; length += 97) {
    EXPECT_NE(error("1 1:1" + std::string(length, '0') + "2:1\n"), "no error");
  }
}

TEST_F(SvmlightErrors, FilesWithoutSamplesAreErrors) {
  const std::string message = "no samples; expected lines of label index:value ...";
  EXPECT_EQ(error(""), "bad.svm:1:1: " + message);
  EXPECT_EQ(error("# nothing\n\n"), "bad.svm:3:1: " + message);
  EXPECT_EQ(error(testing::gzip("")), "bad.svm:1:1: " + message);
  EXPECT_EQ(error(testing::xz("")), "bad.svm:1:1: " + message);
}

TEST_F(SvmlightErrors, RowsWithoutAnyFeatureNeedFeatures) {
  EXPECT_EQ(
      error("1\n-1\n"),
      "bad.svm:1:1: no row has a feature; expected at least one, or --features to say how many");
  EXPECT_EQ(error("1\n", {.features = 0}),
            "--features: 0 is out of range; expected an integer from 1 to 2147483646");
}

TEST_F(SvmlightErrors, FilesThatCannotBeReadAreErrors) {
  EXPECT_EQ(error_of_file(directory_ / "none.svm"),
            "none.svm: cannot be opened (No such file or directory); expected a data file in "
            "svmlight format");
  std::filesystem::create_directory(directory_ / "folder");
  EXPECT_EQ(error_of_file(directory_ / "folder"),
            "folder: is a directory; expected a data file in svmlight format");
}

TEST_F(SvmlightErrors, LabelsOfNoTwoClassesAreErrorsAtTheFirstOffendingOne) {
  const ReadOptions classes{.features = {}, .classification = true};
  const std::string expected =
      " with a classification loss; expected -1/+1, 0/1 or 1/2 (use --loss squared or huber for "
      "real "
      "labels)";
  EXPECT_EQ(error("1 1:1\n-1 1:1\n2.37 1:1\n", classes), "bad.svm:3:1: label 2.37" + expected);
  EXPECT_EQ(error("-1 1:1\n 0 1:1\n", classes), "bad.svm:2:2: label 0" + expected);
  EXPECT_EQ(error("0 1:1\n1 1:1\n2 1:1\n", classes), "bad.svm:3:1: label 2" + expected);
  EXPECT_EQ(error("3 1:1\n", classes), "bad.svm:1:1: label 3" + expected);
  EXPECT_EQ(error("#\n0 1:1\n0 1:1\n", classes), "bad.svm:2:1: label 0 throughout" + expected);
  EXPECT_EQ(error("2.0 1:1\n2 1:1\n", classes), "bad.svm:1:1: label 2.0 throughout" + expected);
}

std::string long_text() {
  std::string text;
  std::mt19937_64 random(3);
  for (int n = 0; n < 20'000; ++n) text += fmt::format("1 1:{} 2:{}\n", random() % 1000, random());
  return text;
}

TEST_F(SvmlightErrors, EveryTruncationOfCompressedFilesIsNamed) {
  const std::string text = "1 1:1 2:2\n-1 3:0.25\n";
  for (const auto& [packed, kind] :
       {std::pair{testing::gzip(text), "gzip"}, {testing::xz(text), "xz"}}) {
    for (std::size_t size = 1; size < packed.size(); ++size) {
      const std::string message = error(packed.substr(0, size));
      EXPECT_NE(message.find(fmt::format("the {} data are truncated", kind)), std::string::npos)
          << size << " bytes: " << message;
    }
  }
}

TEST_F(SvmlightErrors, TruncationIsReportedAtTheEndOfWhatCouldBeRead) {
  const std::string text = long_text();
  for (const std::string& packed : {testing::gzip(text), testing::xz(text)}) {
    const std::string message = error(packed.substr(0, packed.size() / 2));
    EXPECT_NE(message.find("data are truncated"), std::string::npos) << message;
    const int line = std::stoi(message.substr(message.find(':') + 1));
    EXPECT_GT(line, 5'000) << message;
    EXPECT_LT(line, 15'000) << message;
  }
}

TEST_F(SvmlightErrors, DamagedCompressedFilesAreErrors) {
  const std::string text = long_text();
  for (std::string packed : {testing::gzip(text), testing::xz(text)}) {
    for (std::size_t i = 0; i < 50; ++i) packed[packed.size() / 2 + i] ^= '\x55';
    EXPECT_NE(error(packed).find("data are corrupt"), std::string::npos) << error(packed);
  }
}

TEST_F(SvmlightErrors, AFormatThatIsNotReadIsNamed) {
  const std::string expected = "; expected svmlight text, plain or as .gz or .xz: ";
  EXPECT_EQ(error("BZh91AY&SY"), "bad.svm: bzip2 data" + expected + "bunzip2 it");
  EXPECT_EQ(error("\x28\xb5\x2f\xfd\x04"), "bad.svm: zstd data" + expected + "unzstd it");
  EXPECT_EQ(error("PK\x03\x04\x14"), "bad.svm: a zip archive" + expected + "unzip it");
  EXPECT_EQ(error("\xef\xbb\xbf+1 1:1\n"), "bad.svm: text after a UTF-8 byte order mark" +
                                               expected + "tail -c +4 takes the mark off");
  EXPECT_EQ(error(std::string("\xff\xfe+\0001\000 \000", 8)),
            "bad.svm: UTF-16 text" + expected + "iconv -f UTF-16 -t ASCII makes it plain");
}

// d makes vectors, however few entries there are.
TEST_F(SvmlightErrors, AnIndexThatMakesVectorsLargerThanTheMemoryIsAnError) {
  ReadOptions options;
  options.bytes_per_feature = 1e6;  // 2e15 bytes
  const std::string text = "1 1:1\n-1 2:1 2000000000:1\n";
  EXPECT_EQ(error(text), "no error");
  const std::string message = error(text, options);
  EXPECT_TRUE(
      message.starts_with("bad.svm:2:8: index 2000000000 makes vectors that take 1862645.1 "
                          "GiB; expected at most "))
      << message;
  options.features = 2'000'000'000;
  EXPECT_TRUE(error(text, options)
                  .starts_with("--features: 2000000000 makes vectors that take 1862645.1 GiB; "
                               "expected no more than "))
      << error(text, options);
}

TEST_F(SvmlightErrors, GarbageBehindCompressedDataIsAnError) {
  EXPECT_NE(error(testing::gzip("1 1:1\n") + "more").find("garbage after the end of the gzip data"),
            std::string::npos);
  EXPECT_NE(error(testing::xz("1 1:1\n") + "more").find("garbage after the end of the xz data"),
            std::string::npos);
}

class SvmlightErrorsInTurns : public SvmlightErrors {
 protected:
  static constexpr int kLines = 100'000;
  static constexpr const char* kGood = "-1 1:0.5 2:12";

  // Lines of some blocks, all good but these.
  static std::string text_with(const std::map<int, std::string>& other) {
    std::string text;
    for (int n = 1; n <= kLines; ++n) {
      const auto found = other.find(n);
      text += (found == other.end() ? kGood : found->second) + '\n';
    }
    EXPECT_GT(text.size(), 4 * TextBlock::kBytes);
    return text;
  }

  // With one thread and with two.
  void expect_error(std::string_view bytes, const std::string& expected,
                    ReadOptions options = {}) const {
    for (options.threads = 1; options.threads <= 2; ++options.threads)
      EXPECT_EQ(error(bytes, options), expected) << options.threads << " threads";
  }
};

TEST_F(SvmlightErrorsInTurns, TheFirstWrongLineIsNamedWhereverItIs) {
  const std::string what = ": duplicate index 3; expected indices that rise within a row";
  for (const int line : {1, 2, 15'000, 20'000, 40'000, 60'000, 99'999, kLines}) {
    const std::string text =
        text_with({{line, "-1 3:1  3:1"}, {line + 1, "-1 x"}, {line + 25'000, "?"}});
    expect_error(text, fmt::format("bad.svm:{}:9{}", line, what));
    expect_error(testing::gzip(text), fmt::format("bad.svm:{}:9{}", line, what));
  }
}

TEST_F(SvmlightErrorsInTurns, ALabelThatOnlyDoesNotGoWithOthersIsNamed) {
  ReadOptions options;
  options.classification = true;
  std::map<int, std::string> zeros = {{90'001, "-1 2:1 1:1"}};
  for (int n = 50'000; n <= 90'000; ++n) zeros[n] = " 0 1:1";
  expect_error(text_with(zeros),
               "bad.svm:50000:2: label 0 with a classification loss; expected -1/+1, 0/1 or 1/2 "
               "(use --loss squared or huber for real labels)",
               options);
}

TEST_F(SvmlightErrorsInTurns, ALongLineKeepsTheLinesBehindIt) {
  const std::string comment = "#" + std::string(2 * TextBlock::kBytes, 'x');
  expect_error(text_with({{30'000, comment}, {60'000, kGood + comment}, {70'000, "-1 1:y"}}),
               "bad.svm:70000:6: value \"y\" is not a number; expected a number");
  std::string row = "-1";
  for (int j = 1; j < 70'000; ++j) row += fmt::format(" {}:1", j);
  const std::size_t column = row.size() + 2;
  expect_error(text_with({{30'000, row + " 0:1"}, {70'000, "-1 1:y"}}),
               fmt::format("bad.svm:30000:{}: index 0; expected indices from 1", column));
}

TEST_F(SvmlightErrorsInTurns, AFileWithoutSamplesIsNamedAtItsEnd) {
  std::string text;
  for (int n = 0; n < 50'000; ++n) text += "# nothing here\n";
  expect_error(text + "  #",
               "bad.svm:50001:4: no samples; expected lines of label index:value ...");
  expect_error(text, "bad.svm:50001:1: no samples; expected lines of label index:value ...");
  expect_error("", "bad.svm:1:1: no samples; expected lines of label index:value ...");
}

// Text that is wrong in a file that is damaged, further on, is wrong for that.
TEST_F(SvmlightErrorsInTurns, DamageIsNamedWhereTheTextIsWrongOrEnds) {
  for (const bool by_gzip : {true, false}) {
    const auto pack = [&](const std::string& text) {
      return by_gzip ? testing::gzip(text) : testing::xz(text);
    };
    const std::string wrong = pack(text_with({{20'000, "-1 3:1 3:1"}}));
    const std::string truncated =
        fmt::format("the {} data are truncated; expected more", by_gzip ? "gzip" : "xz");
    expect_error(wrong.substr(0, wrong.size() - 1), "bad.svm:20000:8: " + truncated);
    const std::string packed = pack(long_text());
    for (std::size_t size = packed.size() / 9; size < packed.size(); size += packed.size() / 9) {
      ReadOptions options;
      const std::string one = error(packed.substr(0, size), options);
      options.threads = 2;
      EXPECT_EQ(error(packed.substr(0, size), options), one) << size;
      EXPECT_TRUE(one.ends_with(truncated)) << one;
    }
  }
}

}  // namespace
}  // namespace laggard
