// What messages cost in virtual time.                                              [math 9]
#pragma once

#include "core/task/types.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <vector>

namespace laggard {

// Later than that nothing is planned, so that no sum overflows.
inline constexpr Time kEndOfTime = kForever / 4;

enum class Topology {
  star,   // every worker has a line of its own to the coordinator
  tree,   // workers pass messages on, and add up what they pass on to the coordinator
  direct  // workers have lines to each other; the coordinator looks on, which costs nothing
};

// As they stand here messages cost nothing.
struct NetworkOptions {
  double latency = 0;                        // seconds, one way
  double bandwidth = kInfinity;              // bytes a second, each worker
  double coordinator_bandwidth = kInfinity;  // bytes a second, shared, each direction
  double service_seconds = 0;                // a message, at a master of the coordinator
  double service_seconds_per_number = 0;
  int masters = 1;  // M: messages that the coordinator handles at a time
  Topology topology = Topology::star;
  int hops = 1;  // of a message: of the tree ceil(log2(W + 1)), see hops_of()
};

// What a message passes on a tree of so many workers below the coordinator.    [math 10.1]
inline int hops_of(int workers) { return std::bit_width(static_cast<unsigned>(workers)); }

// What an amount takes, by `seconds` of it: worked out when it is another than the last time, which
// few messages are.
class Taking {
 public:
  template <class Seconds>
  Time operator()(std::int64_t amount, const Seconds& seconds) {
    if (amount != amount_) {
      amount_ = amount;
      time_ = std::min(kEndOfTime, from_seconds(seconds(static_cast<double>(amount))));
    }
    return time_;
  }

 private:
  std::int64_t amount_ = -1;
  Time time_{};
};

// The coordinator's side of the star: M masters, and one link each way. Every message, in or out,
// is served by the master that is free first; calls are made in the order of virtual time. On the
// tree the coordinator sends and gets one message for all workers: none waits for another.
class Network {
 public:
  explicit Network(const NetworkOptions& options)
      : options_(options),
        latency_(std::min(kEndOfTime, from_seconds(options.latency))),
        master_free_(static_cast<std::size_t>(options.masters), Time{}) {}

  // A message that the coordinator sends at `now`: when the worker has it.
  Time send(Time now, std::int64_t bytes, std::int64_t numbers) {
    const Time served = serve(outbound_, now, numbers).end;
    return pass_link(outbound_, served, bytes) + options_.hops * pass_worker_link(outbound_, bytes);
  }

  // A message of one worker to another.
  Time between(Time sent, std::int64_t bytes) { return sent + pass_worker_link(outbound_, bytes); }

  // A message that a worker sends: when its last byte leaves the worker's side of the network.
  Time to_coordinator(Time sent, std::int64_t bytes) {
    return sent + options_.hops * pass_worker_link(inbound_, bytes);
  }

  struct Service {
    Time begin, end;
  };
  // A message that has come to the coordinator's link at `now`: when a master works on it.
  Service receive(Time now, std::int64_t bytes, std::int64_t numbers) {
    return serve(inbound_, pass_link(inbound_, now, bytes), numbers);
  }

  // What a worker asks for: from its request until it has the `bytes`.
  Time fetch(std::int64_t bytes) const { return 2 * latency_ + over_link(bytes); }

  // `bytes` over one worker's link, without latency.
  Time over_link(std::int64_t bytes) const {
    return std::min(kEndOfTime, from_seconds(static_cast<double>(bytes) / options_.bandwidth));
  }

 private:
  struct Way {
    Time link_free{};
    Taking on_link, on_worker_link, at_master;
  };

  Time pass_worker_link(Way& way, std::int64_t bytes) {
    return latency_ +
           way.on_worker_link(bytes, [this](double count) { return count / options_.bandwidth; });
  }

  Time pass_link(Way& way, Time now, std::int64_t bytes) {
    const Time passing =
        way.on_link(bytes, [this](double count) { return count / options_.coordinator_bandwidth; });
    if (options_.topology == Topology::tree) return now + passing;
    way.link_free = std::max(way.link_free, now) + passing;
    return way.link_free;
  }

  Service serve(Way& way, Time now, std::int64_t numbers) {
    const Time serving = way.at_master(numbers, [this](double count) {
      return options_.service_seconds + options_.service_seconds_per_number * count;
    });
    if (options_.topology == Topology::tree) return {now, now + serving};
    std::pop_heap(master_free_.begin(), master_free_.end(), std::greater<>());
    Time& master = master_free_.back();
    const Time begin = std::max(master, now);
    const Time end = master = begin + serving;
    std::push_heap(master_free_.begin(), master_free_.end(), std::greater<>());
    return {begin, end};
  }

  NetworkOptions options_;
  Time latency_;
  std::vector<Time> master_free_;  // when each is, as a heap
  Way outbound_, inbound_;
};

}  // namespace laggard
