// Values by task, for tasks whose ids rise and that come and go.
#pragma once

#include "core/task/types.hpp"

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace laggard {

// As a map it would be as good; it allocates nothing once it has been as large as it gets. Values
// stay where they are, and a place is used again as erase() left it: whoever adds a task sets all
// of its value, and vectors in it keep their room.
template <class Value>
class TaskTable {
 public:
  bool empty() const { return size_ == 0; }

  // Null if it is not there.
  Value* find(TaskId id) {
    const std::size_t at = seek(id);
    return cells_[at] < 0 ? nullptr : &places_[index(cells_[at])].value;
  }
  const Value* find(TaskId id) const { return const_cast<TaskTable*>(this)->find(id); }

  // The task must not be there.
  Value& add(TaskId id) {
    if (2 * (size_ + 1) > cells_.size()) grow();
    if (free_.empty()) {
      free_.push_back(static_cast<std::int32_t>(places_.size()));
      places_.emplace_back();
    }
    const std::int32_t place = free_.back();
    free_.pop_back();
    cells_[seek(id)] = place;
    ++size_;
    places_[index(place)].id = id;
    return places_[index(place)].value;
  }

  // The task must be there.
  void erase(TaskId id) {
    std::size_t hole = seek(id);
    free_.push_back(cells_[hole]);
    --size_;
    cells_[hole] = -1;
    // Those behind it move up, so that no search ends at the hole before it has come to them.
    for (std::size_t at = next(hole); cells_[at] >= 0; at = next(at)) {
      const std::size_t home = home_of(places_[index(cells_[at])].id);
      if (((at - home) & mask()) < ((at - hole) & mask())) continue;
      std::swap(cells_[hole], cells_[at]);
      hole = at;
    }
  }

  // In no order.
  template <class Function>
  void for_each(const Function& function) const {
    for (const std::int32_t place : cells_)
      if (place >= 0) function(places_[index(place)].id, places_[index(place)].value);
  }

 private:
  struct Place {
    TaskId id = 0;
    Value value{};
  };

  static std::size_t index(std::int32_t place) { return static_cast<std::size_t>(place); }
  std::size_t mask() const { return cells_.size() - 1; }
  std::size_t next(std::size_t at) const { return (at + 1) & mask(); }
  // By the golden ratio: ids that follow one another are spread evenly, so hardly two meet. Only
  // the product's first bits are that even.
  std::size_t home_of(TaskId id) const {
    return static_cast<std::uint64_t>(id) * 0x9E3779B97F4A7C15u >> shift_;
  }
  // The task's cell, or the empty one where it would be.
  std::size_t seek(TaskId id) const {
    std::size_t at = home_of(id);
    while (cells_[at] >= 0 && places_[index(cells_[at])].id != id) at = next(at);
    return at;
  }
  void grow() {
    const std::vector<std::int32_t> old = std::exchange(cells_, {});
    cells_.assign(2 * old.size(), -1);
    --shift_;
    for (const std::int32_t place : old)
      if (place >= 0) cells_[seek(places_[index(place)].id)] = place;
  }

  std::size_t size_ = 0;
  std::vector<std::int32_t> cells_ = std::vector<std::int32_t>(16, -1);  // by home; -1: empty
  int shift_ = 64 - 4;                                                   // for 16 homes
  std::deque<Place> places_;
  std::vector<std::int32_t> free_;
};

}  // namespace laggard
