#include "core/reference/reference.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <xxhash.h>
#include <boost/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <thread>

namespace laggard {
namespace {

namespace fs = std::filesystem;

class ReferenceCache : public testing::Test {
 protected:
  Reference optimum() { return reference_optimum(problem_, directory_.path(), 1); }
  fs::path file() const {
    return directory_.path() / "reference" / (fingerprint(problem_) + ".json");
  }
  int files() const {
    return static_cast<int>(std::distance(fs::directory_iterator(file().parent_path()), {}));
  }

  TemporaryDirectory directory_;
  Problem problem_ = make_problem(small_data(60, 6, 0.5, 4), "logistic", "l1:0.5");
};

TEST_F(ReferenceCache, SecondCallReadsWhatTheFirstWrote) {
  const Reference first = optimum(), second = optimum();
  EXPECT_FALSE(first.from_cache);
  EXPECT_EQ(first.x.size(), 6);
  EXPECT_TRUE(second.from_cache);
  EXPECT_EQ(second.x.size(), 0);
  EXPECT_EQ(second.objective, first.objective);
  EXPECT_EQ(second.kkt, first.kkt);
  EXPECT_EQ(second.duality_gap, first.duality_gap);
  EXPECT_EQ(files(), 1);
}

TEST_F(ReferenceCache, AbsentDualityGapStaysAbsent) {
  problem_ = make_problem(problem_.data, "squared", "none");
  EXPECT_TRUE(std::isnan(optimum().duality_gap));
  const Reference cached = optimum();
  EXPECT_TRUE(cached.from_cache);
  EXPECT_TRUE(std::isnan(cached.duality_gap));
}

TEST_F(ReferenceCache, UnreadableFileIsComputedAnewAndReplaced) {
  const double expected = optimum().objective;
  const std::string good = read_text(file());
  const std::string of_another = [&] {
    std::string text = good;
    return text.replace(text.find(fingerprint(problem_)), 4, "ffff");
  }();
  // As today's files are, with a right checksum: only the certificate is missing.
  const auto with_kkt = [&](const std::string& kkt) {
    boost::json::object object = boost::json::parse(good).as_object();
    object["kkt"] = kkt;
    object["duality_gap"] = "nan";
    object.erase("checksum");
    const std::string text = boost::json::serialize(object);
    object["checksum"] = fmt::format("{:016x}", XXH3_64bits(text.data(), text.size()));
    return boost::json::serialize(object) + "\n";
  };
  write_text(file(), with_kkt("0"));
  EXPECT_TRUE(optimum().from_cache) << "a certificate is all that the uncertified one lacks";
  const std::string uncertified = with_kkt("0.1");
  const std::string changed = [&] {
    std::string text = good;  // its last digit
    char& digit = text[text.find("\"kkt\"") - 3];
    digit = digit == '1' ? '2' : '1';
    return text;
  }();
  for (const std::string& bad :
       {std::string(), std::string("{"), std::string("[1,2]"), good.substr(0, good.size() / 2),
        std::string("\xff\0x", 3), of_another, uncertified, changed}) {
    write_text(file(), bad);
    const Reference again = optimum();
    EXPECT_FALSE(again.from_cache) << bad;
    EXPECT_EQ(again.objective, expected);
    EXPECT_EQ(read_text(file()), good);
  }
}

TEST_F(ReferenceCache, AFolderInTheFilesPlaceIsNoError) {
  fs::create_directories(file() / "a folder");
  EXPECT_FALSE(optimum().from_cache);
  EXPECT_FALSE(optimum().from_cache);
}

TEST_F(ReferenceCache, UnwritableDirectoryIsNoError) {
  write_text(directory_.path() / "taken", "a file");
  const Reference found = reference_optimum(problem_, directory_.path() / "taken", 1);
  EXPECT_FALSE(found.from_cache);
  EXPECT_EQ(found.objective, optimum().objective);
}

TEST_F(ReferenceCache, EmptyPathMeansNoCache) {
  EXPECT_FALSE(reference_optimum(problem_, {}, 1).from_cache);
  EXPECT_FALSE(reference_optimum(problem_, {}, 1).from_cache);
}

TEST_F(ReferenceCache, RacingWritersLeaveOneWholeFile) {
  {
    std::vector<std::jthread> racers;
    for (int i = 0; i < 8; ++i) racers.emplace_back([&] { optimum(); });
  }
  EXPECT_EQ(files(), 1);
  EXPECT_TRUE(optimum().from_cache);
}

TEST(DefaultCacheDirectory, FollowsTheEnvironment) {
  ::setenv("HOME", "/h", 1);
  ::setenv("XDG_CACHE_HOME", "/x", 1);
  ::setenv("LAGGARD_CACHE_DIR", "/l", 1);
  EXPECT_EQ(default_cache_directory(), "/l");
  ::unsetenv("LAGGARD_CACHE_DIR");
  EXPECT_EQ(default_cache_directory(), "/x/laggard");
  ::setenv("XDG_CACHE_HOME", "", 1);
  EXPECT_EQ(default_cache_directory(), "/h/.cache/laggard");
  ::unsetenv("HOME");
  EXPECT_TRUE(default_cache_directory().empty());
}

}  // namespace
}  // namespace laggard
