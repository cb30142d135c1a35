// What messages cost in virtual time.                                              [math 9]
#pragma once

#include "core/task/types.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <vector>

namespace laggard {

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

// The coordinator's side of the star: M masters, and one link each way. Every message, in or out,
// is served by the master that is free first; calls are made in the order of virtual time. On the
// tree the coordinator sends and gets one message for all workers: none waits for another.
class Network {
 public:
  explicit Network(const NetworkOptions& options)
      : options_(options), master_free_(static_cast<std::size_t>(options.masters), Time{}) {}

  // A message that the coordinator sends at `now`: when the worker has it.
  Time send(Time now, std::int64_t bytes, std::int64_t numbers) {
    const Time served = serve(now, numbers).end;
    return pass_link(outbound_free_, served, bytes) + options_.hops * to_worker(bytes);
  }

  // A message of one worker to another.
  Time between(Time sent, std::int64_t bytes) const { return sent + to_worker(bytes); }

  // A message that a worker sends: when its last byte leaves the worker's side of the network.
  Time to_coordinator(Time sent, std::int64_t bytes) const {
    return sent + options_.hops * to_worker(bytes);
  }

  struct Service {
    Time begin, end;
  };
  // A message that has come to the coordinator's link at `now`: when a master works on it.
  Service receive(Time now, std::int64_t bytes, std::int64_t numbers) {
    return serve(pass_link(inbound_free_, now, bytes), numbers);
  }

  // What a worker asks for: from its request until it has the `bytes`.
  Time fetch(std::int64_t bytes) const { return from_seconds(options_.latency) + to_worker(bytes); }

  // `bytes` over one worker's link, without latency.
  Time over_link(std::int64_t bytes) const {
    return from_seconds(static_cast<double>(bytes) / options_.bandwidth);
  }

 private:
  Time to_worker(std::int64_t bytes) const {
    return from_seconds(options_.latency) + over_link(bytes);
  }

  Time pass_link(Time& free, Time now, std::int64_t bytes) {
    const Time passing = from_seconds(static_cast<double>(bytes) / options_.coordinator_bandwidth);
    if (options_.topology == Topology::tree) return now + passing;
    free = std::max(free, now) + passing;
    return free;
  }

  Service serve(Time now, std::int64_t numbers) {
    const Time serving =
        from_seconds(options_.service_seconds +
                     options_.service_seconds_per_number * static_cast<double>(numbers));
    if (options_.topology == Topology::tree) return {now, now + serving};
    std::pop_heap(master_free_.begin(), master_free_.end(), std::greater<>());
    Time& master = master_free_.back();
    const Time begin = std::max(master, now);
    const Time end = master = begin + serving;
    std::push_heap(master_free_.begin(), master_free_.end(), std::greater<>());
    return {begin, end};
  }

  NetworkOptions options_;
  std::vector<Time> master_free_;  // when each is, as a heap
  Time outbound_free_{}, inbound_free_{};
};

}  // namespace laggard
