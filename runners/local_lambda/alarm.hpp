// A timer that may be destroyed at any moment, even after it has expired and before it has run.
#pragma once

#include "core/task/types.hpp"

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

namespace laggard::local {

Time now();  // of the clock that alarms go by, which nobody sets

class Alarm {
 public:
  explicit Alarm(boost::asio::io_context& io);
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  // Calls `ring` once, `after` from now, instead of what was set before. kForever: never.
  void set(Time after, std::function<void()> ring);
  void cancel();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace laggard::local
