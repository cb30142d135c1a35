// Sequential codes without clock and numbers, against the worked numbers.          [math 13.3]
#include "protocols/sequential/sequence.hpp"

#include "core/task/random.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;

json::object worked_numbers() {
  std::ifstream file(LAGGARD_TESTS_DIR "/vectors/sequential.json");
  std::stringstream text;
  text << file.rdbuf();
  return json::parse(text.str()).as_object();
}

SequentialCode code_of(const json::object& c) {
  return {.multiplexed = c.at("code") == "multiplexed",
          .workers = c.at("n").to_number<int>(),
          .burst = c.at("B").to_number<int>(),
          .window = c.at("W").to_number<int>(),
          .stragglers = c.at("lam").to_number<int>()};
}

// As the worked numbers write a slot.
json::value number_of(const Item& item, bool multiplexed) {
  if (!multiplexed) return item.job;
  return item.job < 0 ? -1 : item.group + 1;
}

json::array tasks_of(const Sequence& sequence, bool multiplexed) {
  json::array out;
  for (const auto& list : sequence.lists()) {
    json::array slots;
    for (const Item& item : list)
      if (multiplexed || item.job >= 0) slots.push_back(number_of(item, multiplexed));
    out.push_back(slots);
  }
  return out;
}

// The rule `model` [math 13.3]: how long the round takes, and who straggles in it.
std::pair<double, std::vector<WorkerId>> play(Sequence& sequence,
                                              const std::vector<double>& seconds, double mu) {
  double fastest = 1e300, slowest = 0;
  std::vector<WorkerId> asked, late;
  for (WorkerId w = 0; w < static_cast<WorkerId>(seconds.size()); ++w)
    if (!sequence.idle(w)) asked.push_back(w);
  if (asked.empty()) return {0, {}};
  for (const WorkerId w : asked) {
    fastest = std::min(fastest, seconds[static_cast<std::size_t>(w)]);
    slowest = std::max(slowest, seconds[static_cast<std::size_t>(w)]);
  }
  for (const WorkerId w : asked)
    if (seconds[static_cast<std::size_t>(w)] <= (1 + mu) * fastest)
      sequence.returned(w);
    else
      late.push_back(w);
  if (late.empty()) return {slowest, {}};
  if (sequence.conforms()) return {(1 + mu) * fastest, late};
  for (const WorkerId w : late) sequence.returned(w);
  return {slowest, {}};
}

TEST(Sequence, FollowsTheWorkedNumbers) {
  const json::object vectors = worked_numbers();
  const json::array& delays = vectors.at("delays").as_array();
  for (const json::value& value : vectors.at("runs").as_array()) {
    const json::object& c = value.as_object();
    const SequentialCode code = code_of(c);
    SCOPED_TRACE(fmt::format("{} {} {} {}", c.at("code").as_string().c_str(), code.burst,
                             code.window, code.stragglers));
    EXPECT_EQ(code.delay(), c.at("delay").to_number<int>());
    EXPECT_DOUBLE_EQ(code.load(), c.at("load").to_number<double>());
    if (!code.multiplexed) {
      EXPECT_EQ(code.redundancy(), c.at("s").to_number<int>());
    }
    Sequence sequence(code, 0, c.at("jobs").to_number<int>());
    double total = 0;
    for (const json::value& each : c.at("rounds").as_array()) {
      const json::object& round = each.as_object();
      SCOPED_TRACE(round.at("round").to_number<int>());
      EXPECT_EQ(json::value(tasks_of(sequence, code.multiplexed)), round.at("tasks"));
      std::vector<double> seconds;
      for (const json::value& worker : delays)
        seconds.push_back(
            worker.as_array().at(static_cast<std::size_t>(sequence.round())).to_number<double>());
      const auto [taken, late] = play(sequence, seconds, c.at("mu").to_number<double>());
      total += taken;
      EXPECT_NEAR(taken, round.at("seconds").to_number<double>(), 1e-12);
      EXPECT_EQ(json::value_from(late), round.at("stragglers"));
      const json::value due = sequence.due() < 0 ? json::value() : json::value(sequence.due());
      EXPECT_EQ(due, round.at("decodes"));
      EXPECT_TRUE(sequence.due() < 0 || sequence.decodes(sequence.due()));
      sequence.close();
    }
    EXPECT_NEAR(total, c.at("total_seconds").to_number<double>(), 1e-9);
  }
}

TEST(Sequence, LoadsAreThoseOfTheFormulas) {
  const json::object vectors = worked_numbers();
  for (const json::value& value : vectors.at("loads").as_array())
    EXPECT_DOUBLE_EQ(code_of(value.as_object()).load(), value.at("load").to_number<double>());
}

std::vector<SequentialCode> many_codes() {
  std::vector<SequentialCode> out;
  for (const int burst : {1, 2, 3})
    for (const int window : {burst + 1, 2 * burst + 1, burst + 3})
      for (const int stragglers : {0, 1, 3, 6, 7}) {
        out.push_back({true, 7, burst, window, stragglers});
        if ((window - 1) % burst == 0 && stragglers < 7)
          out.push_back({false, 7, burst, window, stragglers});
      }
  return out;
}

// Any pattern: who is late is drawn, and late for good where the code says that it may be.
TEST(Sequence, WhateverConformsDecodes) {
  int ended_early = 0;
  for (const SequentialCode& code : many_codes())
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      SCOPED_TRACE(fmt::format("{} {} {} {} seed {}", code.multiplexed, code.burst, code.window,
                               code.stragglers, seed));
      Sequence sequence(code, 0, 40);
      Draws draws(seed, Stream::code, 0);
      for (int r = 0; r < 40 + code.delay(); ++r) {
        std::vector<double> seconds;
        for (int w = 0; w < code.workers; ++w)
          seconds.push_back(draws.below(100) < 5 + 5 * seed % 30 ? 5 : 1);
        ended_early += !play(sequence, seconds, 1).second.empty();
        EXPECT_TRUE(sequence.suffices()) << r;
        ASSERT_TRUE(sequence.due() < 0 || sequence.decodes(sequence.due())) << r;
        sequence.close();
      }
    }
  EXPECT_GT(ended_early, 1000);
}

// The rule `due`: one return at a time until it suffices. Then no job is ever lost, and all
// returns of a round always suffice.
TEST(Sequence, WhatSufficesInEveryRoundDecodes) {
  int ended_early = 0;
  for (const SequentialCode& code : many_codes())
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      SCOPED_TRACE(fmt::format("{} {} {} {} seed {}", code.multiplexed, code.burst, code.window,
                               code.stragglers, seed));
      Sequence sequence(code, 3, 40);
      Draws draws(seed, Stream::code, 0);
      for (int r = 3; r < 40 + code.delay(); ++r) {
        std::vector<WorkerId> order;
        for (WorkerId w = 0; w < code.workers; ++w)
          if (!sequence.idle(w)) order.push_back(w);
        for (std::size_t i = order.size(); i > 1; --i)
          std::swap(order[i - 1], order[draws.below(static_cast<std::uint32_t>(i))]);
        std::size_t back = 0;
        while (back < order.size() && !sequence.suffices()) sequence.returned(order[back++]);
        ASSERT_TRUE(sequence.suffices()) << r;
        ended_early += back < order.size();
        ASSERT_TRUE(sequence.due() < 0 || sequence.decodes(sequence.due())) << r;
        sequence.close();
      }
      EXPECT_EQ(sequence.due(), -1);
    }
  EXPECT_GT(ended_early, 1000);
}

// Every unit of the data is in what each job asks for, and its places are those that are loaded.
TEST(Sequence, UnitsAreDealtOnce) {
  for (const SequentialCode& code : many_codes()) {
    if (!code.multiplexed) continue;
    std::vector<int> times(static_cast<std::size_t>(code.units()));
    for (WorkerId w = 0; w < code.workers; ++w)
      for (int chunk = 0; chunk < code.own_chunks(); ++chunk)
        for (const ShardId unit : code.own_units(w, chunk))
          ++times.at(static_cast<std::size_t>(unit));
    for (int group = 0; group < code.groups(); ++group)
      for (int i = 0; i < code.workers; ++i)
        ++times.at(static_cast<std::size_t>(code.first_of_group(group) + i));
    EXPECT_TRUE(std::all_of(times.begin(), times.end(), [](int n) { return n == 1; }));
  }
}

}  // namespace
}  // namespace laggard
