#include "core/schedule/flights.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace laggard {

Flights::Flights(int shards, int workers) : of_shard_(index(shards)), of_worker_(index(workers)) {}

Flight& Flights::open(Task task, Time now, int z_round, Time z_at) {
  task.id = next_id_++;
  ++of_worker_[index(task.worker)];
  of_shard_[index(task.shard)].push_back(task.id);
  ++under_way_;
  Flight flight;
  flight.task = std::move(task);
  flight.dispatched = now;
  flight.z_round = z_round;
  flight.z_at = z_at;
  const TaskId id = flight.task.id;
  return flights_.emplace(id, std::move(flight)).first->second;
}

void Flights::reopen(Flight& flight, Time now) {
  flight.row = {};
  flight.dispatched = now;
  ++under_way_;
}

void Flights::land(Flight& flight) {
  if (!flight.revoked) --under_way_;
}

void Flights::revoke(Flight& flight) {
  --under_way_;
  free(flight);
  flight.revoked = true;
}

void Flights::close(TaskId id) {
  const auto found = flights_.find(id);
  if (!found->second.revoked) free(found->second);
  flights_.erase(found);
}

void Flights::free(const Flight& flight) {
  --of_worker_[index(flight.task.worker)];
  std::erase(of_shard_[index(flight.task.shard)], flight.task.id);
}

Flight* Flights::find(TaskId id) {
  const auto found = flights_.find(id);
  return found == flights_.end() ? nullptr : &found->second;
}

const Flight& Flights::at(TaskId id) const {
  const auto found = flights_.find(id);
  LAGGARD_ASSERT(found != flights_.end(), fmt::format("task {} has no open fate", id));
  return found->second;
}

Flight& Flights::arrived(const Report& report) {
  Flight* flight = find(report.id);
  LAGGARD_ASSERT(flight && flight->arrived,
                 fmt::format("the fate of task {} was decided before", report.id));
  return *flight;
}

std::vector<TaskId> Flights::all() const {
  std::vector<TaskId> ids;
  for (const auto& [id, flight] : flights_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace laggard
