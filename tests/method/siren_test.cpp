// Workers that read, step and write one slot, event by event.                      [math 11.5]
#include "tests/method/dense_problem.hpp"
#include "tests/method/sync_run.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <fstream>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;
using testing::load;

const json::object& vectors() {
  static const json::object all = [] {
    std::ifstream file(LAGGARD_TESTS_DIR "/vectors/sgd.json");
    std::stringstream text;
    text << file.rdbuf();
    return json::parse(text.str()).as_object();
  }();
  return all;
}

void expect_near(const Vector& z, const json::value& expected) {
  for (Eigen::Index j = 0; j < z.size(); ++j)
    EXPECT_NEAR(z[j], expected.at(static_cast<std::size_t>(j)).to_number<double>(), 1e-12) << j;
}

// Of a problem whose shards have one worker each.
class Slot {
 public:
  Slot(const Problem& problem, const OptionValues& options)
      : halves_(testing::halves_of("local_sgd", problem, options, Precision::f64, kAnyAge, true)),
        tasks_(static_cast<std::size_t>(problem.shards)) {
    for (ShardId p = 0; p < problem.shards; ++p) read(p);
  }
  void read(ShardId shard) {
    Task& task = tasks_[static_cast<std::size_t>(shard)] = {};
    task.shard = shard;
    halves_.coordinator->form(task);
  }
  void write(ShardId shard) {
    static const std::atomic<bool> never{false};
    const Task& task = tasks_[static_cast<std::size_t>(shard)];
    halves_.coordinator->accept(task, halves_.worker->compute(task, scratch_, never));
    halves_.coordinator->update();
  }
  const Vector& z() const { return *halves_.coordinator->z(); }
  std::int64_t lost() const { return halves_.coordinator->writes_lost().value(); }

 private:
  MethodHalves halves_;
  Workspace scratch_;
  std::vector<Task> tasks_;  // by shard: the open one
};

TEST(Siren, FollowsTheWorkedEvents) {
  int cases = 0;
  for (const json::value& value : vectors().at("asynchronous").as_array()) {
    const json::object& c = value.as_object();
    if (c.at("rule") != "overwrite") continue;
    ++cases;
    const Problem problem = load("heart", c.at("P").to_number<int>(), "logistic", "none");
    const bool decays = c.at("schedule") == "sqrt";
    Slot slot(problem, {{"batch", c.at("B").to_number<std::int64_t>()},
                        {"step-size", c.at("eta0").to_number<double>()},
                        {"step-decay", std::string(decays ? "sqrt" : "none")}});
    std::int64_t lost = 0;
    for (const json::value& update : c.at("updates").as_array()) {
      const auto shard = update.at("shard").to_number<ShardId>();
      slot.write(shard);
      slot.read(shard);
      EXPECT_NEAR(objective(problem, view(slot.z())) / 270,
                  update.at("objective").to_number<double>(), 1e-12);
      lost += update.at("staleness").to_number<std::int64_t>() - 1;
      EXPECT_EQ(slot.lost(), lost);
    }
    expect_near(slot.z(), c.at("z_last"));
  }
  EXPECT_EQ(cases, 3);
}

TEST(Siren, SwappingGoesOnFromWhatWasThereBefore) {
  const json::object& c = vectors().at("swap_one_worker").as_object();
  const Problem problem = load("heart", 1, "logistic", "none");
  const OptionValues options = {{"batch", c.at("B").to_number<std::int64_t>()},
                                {"step-size", c.at("eta0").to_number<double>()},
                                {"order", std::string("swap")}};
  Slot slot(problem, options);
  std::vector<Vector> x = {slot.z()};
  for (const json::value& expected : c.at("objective_of_each_step").as_array()) {
    slot.write(0);
    slot.read(0);
    x.push_back(slot.z());
    EXPECT_NEAR(objective(problem, view(slot.z())) / 270, expected.to_number<double>(), 1e-12);
  }
  expect_near(slot.z(), c.at("slot_last"));
  EXPECT_EQ(slot.lost(), 9);

  // Two interleaved runs of half the length: x_j is step j from x_{j-2}, whoever made that.
  const MethodHalves halves =
      testing::halves_of("local_sgd", problem, options, Precision::f64, kAnyAge, true);
  static const std::atomic<bool> never{false};
  Workspace scratch;
  Task step;  // with the scalars of the first task
  halves.coordinator->form(step);
  for (std::size_t j = 1; j < x.size(); ++j) {
    const std::size_t batches = 5;
    step.z = std::make_shared<const Vector>(x[j < 2 ? 0 : j - 2]);
    step.scalars[0] = static_cast<double>((j - 1) / batches);
    step.scalars[1] = static_cast<double>((j - 1) % batches);
    EXPECT_EQ(halves.worker->compute(step, scratch, never).vectors.at(0), x[j]) << j;
  }
}

// Who reads at once after writing finds its own model, whatever others did before.
TEST(Siren, InTurnIsAsManyRunsAsShards) {
  const Problem problem = load("heart", 3, "logistic", "l2:2.7");
  const OptionValues options = {{"batch", std::int64_t{16}}};
  Slot slot(problem, options);
  std::vector<std::vector<Vector>> models(3);
  for (int t = 0; t < 12; ++t)
    for (ShardId p = 0; p < 3; ++p) {
      slot.write(p);
      slot.read(p);
      models[static_cast<std::size_t>(p)].push_back(slot.z());
    }
  // The first t steps of a shard by itself, as one task of them.
  const MethodHalves halves = testing::halves_of("local_sgd", problem, options);
  static const std::atomic<bool> never{false};
  Workspace scratch;
  for (ShardId p = 0; p < 3; ++p) {
    Task walk;
    walk.shard = p;
    halves.coordinator->form(walk);
    const std::size_t batches = 6;  // of 90 rows
    Vector start = *walk.z;
    for (std::size_t t = 0; t < 12; ++t) {
      if (t == batches) start = models[static_cast<std::size_t>(p)][t - 1];
      walk.z = std::make_shared<const Vector>(start);
      walk.scalars[0] = static_cast<double>(t / batches);
      walk.scalars[2] = static_cast<double>(t % batches + 1);
      EXPECT_EQ(halves.worker->compute(walk, scratch, never).vectors.at(0),
                models[static_cast<std::size_t>(p)][t])
          << p << " step " << t;
    }
  }
}

}  // namespace
}  // namespace laggard
