// Runs of tests/vectors/same_bits.txt give the same bits on every CPU: what is recorded there was
// found on one.
#include "core/problem/vector_width.hpp"
#include "tests/runner/program.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace laggard {
namespace {

TEST_F(Program, IteratesAndSchedulesAreThoseOfEveryMachine) {
  std::ifstream table(LAGGARD_TESTS_DIR "/vectors/same_bits.txt");
  int runs = 0;
  for (std::string line; std::getline(table, line);) {
    if (line.starts_with("#")) continue;
    std::istringstream words(line);
    std::string iterate, schedule;
    words >> iterate >> schedule;
    std::vector<std::string> arguments = {"--json", "--quiet"};
    for (std::string word; words >> word;) arguments.push_back(word);
    const int code = run(arguments);
    ASSERT_TRUE(code == 0 || code == 3) << line << "\n" << err();
    EXPECT_EQ(result().at("iterate_digest").as_string(), iterate) << line;
    EXPECT_EQ(result().at("schedule_digest").as_string(), schedule) << line;
    ++runs;
  }
  EXPECT_GT(runs, 10);
}

TEST_F(Program, IteratesDoNotDependOnTheWidthOfVectors) {
  std::vector<boost::json::value> digests;
  int asked = 0;
  for (const char* width : {"baseline", "avx2", "avx512"}) {
    if (!cpu_has(static_cast<VectorWidth>(asked++))) continue;
    ::setenv("LAGGARD_VECTORS", width, 1);
    EXPECT_EQ(run({"--data", "heart", "--workers", "8", "--json"}), 0) << err();
    digests.push_back(result().at("iterate_digest"));
    EXPECT_EQ(digests.back(), digests.front()) << width;
  }
  ::unsetenv("LAGGARD_VECTORS");
}

TEST_F(Program, AWidthOfVectorsThatIsNoneIsRefused) {
  ::setenv("LAGGARD_VECTORS", "sse", 1);
  EXPECT_EQ(run({"--data", "heart"}), 2);
  EXPECT_EQ(err(), "runner: LAGGARD_VECTORS=sse: expected baseline, avx2 or avx512\n");
  ::unsetenv("LAGGARD_VECTORS");
}

}  // namespace
}  // namespace laggard
