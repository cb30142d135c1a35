// Virtual time's agenda.
#pragma once

#include "core/task/types.hpp"

#include <cstdint>
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
    if (a.when != b.when) [[likely]]
      return a.when < b.when;
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
    for (std::size_t child = 1; child < heap_.size(); child = 4 * at + 1) {
      const std::size_t least = least_of(child);
      if (!(heap_[least] < event)) break;
      heap_[at] = heap_[least];
      at = least;
    }
    heap_[at] = event;
  }

  // Of the up to four nodes from `child` on. Which it is cannot be foreseen: where there are four,
  // there is no branch on it.
  std::size_t least_of(std::size_t child) const {
    if (child + 4 <= heap_.size()) {
      const std::size_t left = child + less(child + 1, child);
      const std::size_t right = child + 2 + less(child + 3, child + 2);
      return left + (right - left) * less(right, left);
    }
    std::size_t least = child;
    while (++child < heap_.size())
      if (heap_[child] < heap_[least]) least = child;
    return least;
  }
  std::size_t less(std::size_t a, std::size_t b) const { return heap_[a] < heap_[b] ? 1 : 0; }

  std::vector<Event> heap_;
  bool open_ = false;  // the first place is
};

}  // namespace laggard
