// Virtual time's agenda.
#pragma once

#include "core/task/types.hpp"

#include <algorithm>
#include <vector>

namespace laggard {

// Events by (when, order, stage): equal times are served in dispatch order, and the events of one
// task in the order in which they follow from each other.
struct Event {
  Time when;
  std::int64_t order;
  int stage;
  std::int64_t serial = 0;  // what the event belongs to, where `order` is used again

  friend bool operator<(const Event& a, const Event& b) {
    if (a.when != b.when) return a.when < b.when;
    if (a.order != b.order) return a.order < b.order;
    return a.stage < b.stage;
  }
};

// A heap of four children a node. What is taken leaves its place open: most events are followed by
// one of the same task soon after, which then need not come up from the bottom.
class EventQueue {
 public:
  bool empty() const { return heap_.size() == (open_ ? 1 : 0); }

  void push(const Event& event) {
    if (open_) {
      open_ = false;
      return sink(event);
    }
    heap_.push_back(event);
    std::size_t at = heap_.size() - 1;
    for (; at > 0 && event < heap_[(at - 1) / 4]; at = (at - 1) / 4)
      heap_[at] = heap_[(at - 1) / 4];
    heap_[at] = event;
  }
  // There must be one.
  Event pop() {
    if (open_) {
      const Event last = heap_.back();
      heap_.pop_back();
      sink(last);
    }
    open_ = true;
    return heap_.front();
  }

 private:
  // From the top, which is open, to where it belongs.
  void sink(const Event& event) {
    std::size_t at = 0;
    while (4 * at + 1 < heap_.size()) {
      const auto first = heap_.begin() + static_cast<std::ptrdiff_t>(4 * at + 1);
      const auto last =
          heap_.begin() + static_cast<std::ptrdiff_t>(std::min(4 * at + 5, heap_.size()));
      const auto least = std::min_element(first, last);
      if (!(*least < event)) break;
      heap_[at] = *least;
      at = static_cast<std::size_t>(least - heap_.begin());
    }
    heap_[at] = event;
  }

  std::vector<Event> heap_;
  bool open_ = false;  // the first place is
};

}  // namespace laggard
