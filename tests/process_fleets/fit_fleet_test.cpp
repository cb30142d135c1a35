// A fleet model from a run of worker processes.
#include "runners/runner/fleet_model.hpp"
#include "tests/process_fleets/processes.hpp"

namespace laggard {
namespace {

class FitLocal : public ProcessFleets {};

TEST_F(FitLocal, ARunOfProcessesMakesAModelThatTellsItsTime) {
  ASSERT_EQ(run({"--fleet", "local", "--workers", "2", "--synthetic", "n=20000,d=50,density=0.2",
                 "--stop", "none", "--max-rounds", "40", "--quiet", "--output", path("run")}),
            3)
      << err();
  ASSERT_EQ(run({"fit-fleet", path("run"), "-o", path("mine.json")}), 0) << err();
  const FleetModel fitted = find_fleet_model(path("mine.json"), "test");
  EXPECT_GT(fitted.at("cold-start").value, 0);
  EXPECT_GT(fitted.at("latency").value + fitted.at("service-seconds").value, 0);
  const std::string text = out();
  const auto number = [&](const std::string& words) {
    const std::size_t at = text.find(words);
    EXPECT_NE(at, std::string::npos) << text;
    return std::stod(text.substr(at + words.size()));
  };
  // How well is a matter of the machine's other work: on an idle one within 10 %.
  const double ratio = number("s measured, ") / number("the run      ");
  EXPECT_GT(ratio, 1.0 / 3) << text;
  EXPECT_LT(ratio, 3) << text;
}

}  // namespace
}  // namespace laggard
