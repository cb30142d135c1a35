// Virtual time's agenda.
#pragma once

#include "core/task/types.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace laggard {

// Events by (when, order, stage): equal times are served in dispatch order, and the events of one
// task in the order in which they follow from each other.
struct Event {
  Time when;
  std::int64_t order;
  int stage;
  std::int64_t serial = 0;  // what the event belongs to, where `order` is used again

  friend bool operator>(const Event& a, const Event& b) {
    if (a.when != b.when) return a.when > b.when;
    if (a.order != b.order) return a.order > b.order;
    return a.stage > b.stage;
  }
};

class EventQueue {
 public:
  bool empty() const { return heap_.empty(); }
  void push(const Event& event) {
    heap_.push_back(event);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }
  Event pop() {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    const Event event = heap_.back();
    heap_.pop_back();
    return event;
  }

 private:
  std::vector<Event> heap_;
};

}  // namespace laggard
