// --serve, as the program has it.
#include "runners/live/server.hpp"
#include "tests/runner/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace laggard {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

class Serve : public Program {};

TEST_F(Serve, ChangesNoNumberAndPrintsItsAddress) {
  const std::vector<std::string> base{
      "--synthetic", "n=1000,d=20,density=0.2", "--stop", "none", "--max-rounds", "12", "--json",
      "--quiet"};
  EXPECT_EQ(run(base), 3) << err();
  const boost::json::value digest = result().at("schedule_digest");
  for (const char* serve : {"--serve", "--serve=0"}) {
    std::vector<std::string> served = base;
    served.emplace_back(serve);
    EXPECT_EQ(run(served), 3) << err();
    EXPECT_EQ(result().at("schedule_digest"), digest);
    EXPECT_THAT(err(), ContainsRegex("followed at http://127.0.0.1:[0-9]+/\n$"));
  }
}

TEST_F(Serve, RefusesAPortThatIsTakenOrIsNone) {
  const live::Server other(0, "", [] { return std::string(); });
  EXPECT_EQ(run({"--serve", std::to_string(other.port())}), 2);
  EXPECT_THAT(err(), HasSubstr("runner: --serve: cannot listen on 127.0.0.1:"));
  EXPECT_EQ(run({"--serve", "70000"}), 2);
  EXPECT_THAT(err(), HasSubstr("--serve: 70000"));
}

}  // namespace
}  // namespace laggard
