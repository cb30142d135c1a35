// A step that is too long ends a run with exit code 5, and the run says which would have done.
#include "tests/runner/program.hpp"

#include <fmt/format.h>

#include <regex>

namespace laggard {
namespace {

using Arguments = std::vector<std::string>;

struct Case {
  const char* method;
  const char* option;  // that is the step
  Arguments more = {};
};

class Divergence : public Program {
 protected:
  int run_with(const Case& c, const std::string& step) {
    Arguments all = {"--data",       "heart",  "--loss",  "squared",   "--regularizer",
                     "l2:2.7",       "--stop", "none",    "--workers", "4",
                     "--max-rounds", "400",    "--quiet", "--method",  c.method,
                     c.option,       step,     "--json"};
    all.insert(all.end(), c.more.begin(), c.more.end());
    return run(all);
  }
};

TEST_F(Divergence, IsToldWithAStepThatIsStable) {
  const Case cases[] = {{"gd", "--step-size"},
                        {"agd", "--step-size", {"--momentum", "0.5"}},
                        {"nesterov", "--step-size", {"--momentum", "0.5"}},
                        {"fedavg", "--local-step"},
                        {"sgd", "--step-size", {"--batch", "16"}},
                        {"sgd", "--step-size", {"--batch", "68"}},
                        {"local_sgd", "--step-size", {"--batch", "16"}},
                        {"local_sgd", "--step-size", {"--batch", "16", "--protocol", "async"}},
                        {"fista", "--step-size"},
                        {"linearized_admm", "--step-size"},
                        {"linearized_admm", "--step-size", {"--protocol", "async"}}};
  for (const Case& c : cases) {
    SCOPED_TRACE(fmt::format("{} {}", c.method, c.more.empty() ? "" : c.more.back()));
    ASSERT_EQ(run_with(c, "1000"), 5) << out() << err();
    const std::string told(result().at("stop_detail").as_string());
    std::smatch found;
    ASSERT_TRUE(
        std::regex_search(told, found, std::regex("(below|up to) ([0-9.e+-]+),.* is stable")))
        << told;
    const double longest = std::stod(found[2]);
    EXPECT_EQ(run_with(c, fmt::format("{}", 0.99 * longest)), 3) << told << err();
    EXPECT_LT(result().at("objective").to_number<double>(), 1e3) << told;
  }
}

// Nothing is known of a loss with kinks, or of gradients of any age.
TEST_F(Divergence, SaysNothingOfAStepWhereNothingIsKnown) {
  ASSERT_EQ(run_with({"sgd", "--step-size", {"--protocol", "async", "--tau", "none"}}, "1000"), 5);
  EXPECT_EQ(out().find("stable"), std::string::npos) << out();
}

TEST_F(Divergence, CountsOfNothingAreRefused) {
  const auto error_of = [&](const Arguments& arguments) {
    EXPECT_EQ(run(arguments), 2);
    return err();
  };
  EXPECT_EQ(error_of({"--method", "fedavg", "--local-steps", "0"}),
            "runner: --local-steps: 0 is out of range; expected an integer from 1 to 1000000000\n");
  EXPECT_EQ(error_of({"--method", "sgd", "--batch", "0"}),
            "runner: --batch: 0 is out of range; expected an integer from 1 to 1000000000, or "
            "auto\n");
  EXPECT_EQ(error_of({"--method", "local_sgd", "--average-every", "0"}),
            "runner: --average-every: 0 is out of range; expected an integer from 1 to "
            "1000000000, or epoch\n");
}

}  // namespace
}  // namespace laggard
