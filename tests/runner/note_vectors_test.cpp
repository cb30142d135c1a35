// The worked numbers of gd, agd, nesterov and fedavg, reproduced from the command line.
#include "tests/runner/program.hpp"

#include <fmt/format.h>

#include <cmath>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;

using Arguments = std::vector<std::string>;

class NoteVectorsByCommand : public Program {
 protected:
  const json::object vectors =
      json::parse(read_text(std::string(LAGGARD_TESTS_DIR) + "/vectors/note_methods.json"))
          .as_object();

  static std::string text(const json::object& c, std::string_view key) {
    const json::value& value = c.at(key);
    return value.is_string() ? std::string(value.as_string())
                             : fmt::format("{}", value.to_number<double>());
  }

  static Arguments problem_of(const json::object& c, const std::string& shards) {
    const double lambda = 270 * c.at("lam_over_N").to_number<double>();
    return {"--data",        std::string(LAGGARD_DATA_DIR) + "/heart.svm.gz",
            "--workers",     shards,
            "--stop",        "none",
            "--quiet",       "--sharding",
            "contiguous",    "--overwrite",
            "--regularizer", fmt::format("l2:{}", lambda)};
  }

  // Numbers of a column of a .csv file of the run.
  std::vector<double> column(const std::string& file, const std::string& name) const {
    std::stringstream lines(read_text(path("run/" + file)));
    std::vector<double> out;
    std::ptrdiff_t place = -1;
    for (std::string line; std::getline(lines, line);) {
      std::stringstream cells(line);
      std::ptrdiff_t at = 0;
      for (std::string cell; std::getline(cells, cell, ','); ++at) {
        if (place < 0 && cell == name) {
          place = at;
          break;
        }
        if (at == place) out.push_back(std::stod(cell));
      }
    }
    return out;
  }

  void follow(const json::object& c, Arguments arguments) {
    const json::array& expected = c.at("objective").as_array();
    const auto after = [&](std::size_t rounds, std::string_view w) {
      Arguments all = arguments;
      all.insert(all.end(), {"--max-rounds", std::to_string(rounds), "--output", path("run")});
      ASSERT_EQ(run(all), 3) << err();
      const std::vector<double> solution = column("solution.csv", "value");
      const json::array& numbers = c.at(w).as_array();
      ASSERT_EQ(solution.size(), numbers.size());
      for (std::size_t j = 0; j < numbers.size(); ++j)
        EXPECT_NEAR(solution[j], numbers[j].to_number<double>(),
                    1e-12 * std::max(1.0, std::abs(numbers[j].to_number<double>())));
    };
    after(1, "w_1");
    after(expected.size() - 1, "w_last");
    const std::vector<double> objective = column("iterations.csv", "objective");
    ASSERT_EQ(objective.size(), expected.size() - 1);
    for (std::size_t k = 0; k < objective.size(); ++k)
      EXPECT_NEAR(objective[k] / 270, expected[k + 1].to_number<double>(), 1e-12) << k + 1;
  }
};

TEST_F(NoteVectorsByCommand, GradientMethods) {
  for (const json::value& value : vectors.at("cases").as_array()) {
    const json::object& c = value.as_object();
    SCOPED_TRACE(text(c, "name"));
    const bool plain = text(c, "name") == "gd", nesterov = text(c, "kind") == "nesterov";
    Arguments arguments = problem_of(c, text(c, "P"));
    arguments.insert(arguments.end(), {"--method", plain ? "gd" : nesterov ? "nesterov" : "agd"});
    arguments.insert(arguments.end(), {"--step-size", text(c, "alpha")});
    if (!plain) arguments.insert(arguments.end(), {"--momentum", text(c, "beta")});
    follow(c, arguments);
  }
}

TEST_F(NoteVectorsByCommand, FedAvg) {
  for (const json::value& value : vectors.at("fedavg").as_array()) {
    const json::object& c = value.as_object();
    SCOPED_TRACE(text(c, "q"));
    Arguments arguments = problem_of(c, "4");
    arguments.insert(arguments.end(), {"--method", "fedavg", "--local-steps", text(c, "q"),
                                       "--local-step", text(c, "local_step"), "--step-size",
                                       text(c, "alpha"), "--step-decay", text(c, "decay")});
    follow(c, arguments);
  }
}

TEST_F(NoteVectorsByCommand, FedAvgSaysThatItIsBiased) {
  const Arguments base = {"--data", "heart",     "--method", "fedavg",       "--regularizer",
                          "l2:1",   "--workers", "4",        "--max-rounds", "3"};
  ASSERT_EQ(run(base), 3);
  EXPECT_NE(err().find("notice: fedavg with --local-steps 5 is biased"), std::string::npos)
      << err();
  Arguments one = base;
  one.insert(one.end(), {"--local-steps", "1"});
  ASSERT_EQ(run(one), 3);
  EXPECT_EQ(err(), "");
}

TEST_F(NoteVectorsByCommand, AStepThatIsTooLongEndsWithAdvice) {
  for (const char* method : {"gd", "agd", "nesterov", "fedavg"}) {
    Arguments arguments = {"--data", "communities", "--loss", "squared",  "--regularizer",
                           "l2:1",   "--workers",   "4",      "--method", method};
    const bool local = method == std::string("fedavg");
    arguments.insert(arguments.end(), {local ? "--local-step" : "--step-size", "10", "--json"});
    EXPECT_EQ(run(arguments), 5) << err();
    const std::string detail(result().at("stop_detail").as_string());
    EXPECT_NE(detail.find(local ? "a --local-step below " : "a --step-size below "),
              std::string::npos)
        << detail;
    EXPECT_NE(detail.find("stable"), std::string::npos) << detail;
  }
}

}  // namespace
}  // namespace laggard
