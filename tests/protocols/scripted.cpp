#include "tests/protocols/scripted.hpp"

#include "core/schedule/protocol.hpp"
#include "core/schedule/run.hpp"
#include "tests/support/small_problem.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <deque>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace laggard::testing {
namespace {

// What happens between one report and the next.
class Events {
 public:
  void add(std::string event) { events_.push_back(std::move(event)); }
  std::string take() {
    std::string text = fmt::format("{}", fmt::join(events_, ", "));
    events_.clear();
    return text;
  }

 private:
  std::vector<std::string> events_;
};

std::string shards_text(const Task& task) {
  if (task.parts.empty()) return std::to_string(task.shard);
  std::vector<ShardId> shards;
  for (const Part& part : task.parts) shards.push_back(part.shard);
  return fmt::format("{}", fmt::join(shards, "+"));
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin != line.npos)
      lines.push_back(line.substr(begin, line.find_last_not_of(' ') + 1 - begin));
  }
  return lines;
}

std::string step_of(const std::string& line) { return line.substr(0, line.find(' ')); }

class ScriptedFleet final : public Fleet {
 public:
  ScriptedFleet(int workers, std::vector<std::string> steps, Events& events)
      : steps_(std::move(steps)), events_(events), waiting_(static_cast<std::size_t>(workers)) {}

  int size() const override { return static_cast<int>(waiting_.size()); }
  Time now() const override { return {}; }
  bool real_time() const override { return false; }
  void wake_at(Time, std::function<void()>) override {
    throw std::logic_error("a scripted fleet has no clock");
  }

  void submit(const Task& task, Deliver deliver) override {
    events_.add(fmt::format("send {} to {}", shards_text(task), task.worker));
    waiting_.at(static_cast<std::size_t>(task.worker)).push_back({task.id, task.shard, deliver});
  }

  void revoke(TaskId id) override {
    for (std::size_t worker = 0; worker < waiting_.size(); ++worker)
      for (const Sent& sent : waiting_[worker])
        if (sent.id == id) events_.add(fmt::format("stop {}", worker));
  }

  void run(asio::awaitable<void> main) override {
    std::exception_ptr failure;
    bool ended = false;
    asio::co_spawn(loop_, std::move(main), [&](std::exception_ptr error) {
      failure = error;
      ended = true;
    });
    for (const std::string& step : steps_) {
      if (ended) break;
      if (step != "start") answer(std::stoi(step));
      loop_.restart();
      loop_.poll();
      const std::string events = events_.take();
      played_.push_back(fmt::format("{} -> {}", step, events.empty() ? "nothing" : events));
    }
    tell_end(StopReason::interrupted, "the script is over");
    loop_.restart();
    loop_.poll();
    if (!ended) throw std::logic_error("the protocol goes on after the end");
    if (failure) std::rethrow_exception(failure);
  }

  const std::vector<std::string>& played() const { return played_; }

 private:
  struct Sent {
    TaskId id;
    ShardId shard;
    Deliver deliver;
  };

  void answer(WorkerId worker) {
    auto& tasks = waiting_.at(static_cast<std::size_t>(worker));
    if (tasks.empty()) throw std::logic_error(fmt::format("worker {} has nothing to do", worker));
    Report report;
    report.id = tasks.front().id;
    report.worker = worker;
    report.shard = tasks.front().shard;
    report.contribution.vectors = {Vector::Zero(1)};
    const Deliver deliver = tasks.front().deliver;
    tasks.pop_front();
    asio::post(loop_, [deliver, report]() mutable { deliver(std::move(report)); });
  }

  std::vector<std::string> steps_;
  std::vector<std::string> played_;
  Events& events_;
  std::vector<std::deque<Sent>> waiting_;  // by worker
};

// A method without mathematics: z is the number of the update.
class CountingMethod final : public CoordinatorHalf {
 public:
  CountingMethod(int shards, std::vector<std::vector<ShardId>> neighbours, Events& events)
      : shards_(shards), neighbours_(std::move(neighbours)), events_(events) {}

  int shards() const override { return shards_; }
  int features() const override { return 1; }
  const SharedVector& z() const override { return z_; }
  double rho() const override { return 1; }
  void form(Task& task) const override {
    task.z = z_;
    task.report = report_;
  }
  void accept(const Task& task, Contribution) override { fresh_.push_back(task.shard); }
  void accept_sum(const Task&, Contribution) override {
    events_.add("decode");
    for (ShardId shard = 0; shard < shards_; ++shard) fresh_.push_back(shard);
  }
  std::span<const ShardId> neighbours(ShardId shard) const override {
    return neighbours_[static_cast<std::size_t>(shard)];
  }
  void persist(StateArchive&) override {}
  Residuals update(Absent absent) override {
    z_ = std::make_shared<Vector>(Vector::Constant(1, (*z_)[0] + 1));
    std::sort(fresh_.begin(), fresh_.end());
    // What a shard reported twice is of two updates.
    std::vector<ShardId> taken, later;
    for (const ShardId shard : fresh_)
      (taken.empty() || taken.back() != shard ? taken : later).push_back(shard);
    events_.add(fmt::format("z{} of {}{}", (*z_)[0], fmt::join(taken, " "),
                            absent == Absent::left_out ? " alone" : ""));
    fresh_ = std::move(later);
    return {};
  }

 private:
  int shards_;
  std::vector<std::vector<ShardId>> neighbours_;
  Events& events_;
  SharedVector z_ = std::make_shared<Vector>(Vector::Zero(1));
  std::shared_ptr<const ReportShape> report_ = std::make_shared<ReportShape>(ReportShape{{1}, 0});
  std::vector<ShardId> fresh_;  // since the last update
};

class Fates final : public Observer {
 public:
  explicit Fates(Events& events) : events_(events) {}
  void on_task(const TaskRow& row) override {
    if (row.outcome == Outcome::accepted)
      events_.add(row.staleness == 1
                      ? fmt::format("take {}", row.worker)
                      : fmt::format("take {} ({} rounds old)", row.worker, row.staleness));
    if (row.outcome == Outcome::discarded) events_.add(fmt::format("drop {}", row.worker));
    if (row.outcome == Outcome::revoked) events_.add(fmt::format("gone {}", row.worker));
  }

 private:
  Events& events_;
};

ProtocolSetup settled(const Script& script, const Protocol& protocol) {
  ProtocolSetup setup;
  setup.workers = script.workers;
  setup.shards = script.shards > 0 ? script.shards : script.workers;
  setup.shards_given = script.shards > 0;
  setup.method = "counting";
  setup.traits.additive = script.additive;
  setup.values = script.options;
  settle_options(protocol, setup);
  return setup;
}

}  // namespace

std::string trimmed(std::string_view steps) {
  return fmt::format("{}", fmt::join(lines_of(steps), "\n"));
}

std::string play(const Script& script, std::string_view steps) {
  const Protocol& protocol = protocols().find(script.protocol)->second;
  const ProtocolSetup setup = settled(script, protocol);
  std::vector<std::string> given;
  for (const std::string& line : lines_of(steps)) given.push_back(step_of(line));
  Problem problem = make_problem(small_data(setup.shards, 1, 1, 1), "logistic", "none");
  problem.shards = setup.shards;

  Events events;
  ScriptedFleet fleet(script.workers, given, events);
  CountingMethod method(setup.shards, script.neighbours, events);
  Fates fates(events);
  SessionOptions options;
  options.stopping.rule = StopRule::none;
  options.protocol_options = setup.values;
  const std::atomic<bool> interrupted = false;
  Run(fleet, problem, method, options, fates, interrupted).run(protocol);
  return fmt::format("{}", fmt::join(fleet.played(), "\n"));
}

}  // namespace laggard::testing
