// The environments of the function: who serves an invocation, and whether one may be served at all.
#pragma once

#include "runners/local_lambda/environment.hpp"
#include "runners/local_lambda/meter.hpp"

#include <map>

namespace laggard::local {

// New environments: so many at once, and a tenth of it a second after that.
class ScalingBucket {
 public:
  explicit ScalingBucket(double rate) : rate_(rate), tokens_(rate) {}
  // `now` never goes back.
  bool take(Time now);

 private:
  double rate_, tokens_;
  Time last_{};
};

class Pool {
 public:
  Pool(boost::asio::io_context& io, const LocalLambdaOptions& options, Log& log, Meter& meter);

  // Nothing: it is under way, and `done` will be told. Otherwise the Reason of the 429.
  std::optional<std::string> run(Invocation invocation, Done done);

 private:
  void on_changed(Environment& environment);
  void on_outcome(const Outcome& outcome);
  void kill_some_day();
  int busy() const;

  boost::asio::io_context& io_;
  const LocalLambdaOptions& options_;
  Log& log_;
  Meter& meter_;
  ScalingBucket scaling_;
  std::map<int, std::shared_ptr<Environment>> environments_;  // by number
  std::vector<int> idle_;                                     // the last one was used last
  int last_number_ = 0;
  Alarm killer_;
  std::uint64_t kills_ = 0;
};

}  // namespace laggard::local
