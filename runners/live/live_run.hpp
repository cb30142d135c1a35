// A run as it goes, for the live page.
#pragma once

#include "core/results/summary.hpp"
#include "core/schedule/fleet.hpp"
#include "core/task/events.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace laggard::live {

// What is known of a run before its first round.
struct Heading {
  std::string title;               // the protocol
  std::vector<std::string> lines;  // problem, protocol, fleet, stopping rule
  bool is_virtual = false;         // the fleet's time
  int workers = 0;                 // W
};

// Told on the coordinator's thread; asked for its document on any. Keeps no more than it shows:
// memory does not grow with the run.
class LiveRun : public Observer {
 public:
  LiveRun();

  void on_phase(std::string_view what);
  void on_start(Heading heading);
  // The fleet's workers and cost are looked at from now on, while the observer is told of
  // something, if `watched` says that somebody sees it.
  void watch(const Fleet& fleet, std::function<bool()> watched);
  void on_submit(WorkerId worker, Time at) override;
  void on_answer(WorkerId worker, Time at) override;
  void on_moment(Time now) override;
  void on_round(const RoundRow& row) override;
  void on_task(const TaskRow& row) override;
  void on_startup(Time at) override;
  void on_notice(const std::string& line) override;
  // The fleet is not looked at any more. how: a line. `summary`: null where an error ended the run.
  void on_end(std::string how, const Summary* summary);

  std::string document() const;

 private:
  // Of the convergence curves: every so many rounds, so that there are never more than a few
  // hundred.
  struct Point {
    int round;
    Time at;
    double wall, objective, gap, primal, dual;
  };
  struct Picture {
    std::string phase = "starting";
    std::string ended;  // how
    Heading heading;
    std::vector<Point> curve;
    std::optional<Point> newest;  // the last round, whether it is in the curve or not
    int rounds_a_point = 1;
    std::vector<int> open;    // tasks under way, by worker
    std::vector<Time> since;  // when each became busy
    std::string states;       // of lives, a letter a worker; empty where workers have none
    std::int64_t tasks = 0, accepted = 0, bytes_up = 0, bytes_down = 0;
    std::int64_t starts = 0, losses = 0;
    std::deque<TaskRow> recent;  // tasks of the last rounds
    std::deque<Time> updates;
    std::deque<std::string> notices;
    std::optional<Cost> cost;
    Time now{}, startup = kForever;  // kForever: it goes on
    double wall = 0;
  };

  void look();  // at the fleet, not too often
  void take(const std::vector<LifeRow>& lives, const std::optional<Cost>& cost);
  static boost::json::object curve_json(const Picture& picture);
  static boost::json::object tasks_json(const Picture& picture);
  static std::string states_of(const Picture& picture);

  const Fleet* fleet_ = nullptr;
  std::function<bool()> watched_;
  std::chrono::steady_clock::time_point began_, look_again_{};
  mutable std::mutex mutex_;  // guards the picture, from here on
  Picture picture_;
};

}  // namespace laggard::live
