#include "core/schedule/flights.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace laggard {
namespace {

// Lets go of what the task carries, but not of the room of its vectors.
void forget(Task& task) {
  task.parts.clear();
  task.z.reset();
  task.scalars.clear();
  task.operands.clear();
  task.kept.clear();
  task.report.reset();
  task.messages.clear();
  task.precision = Precision::f64;
}

}  // namespace

Flights::Flights(int shards, int workers) : of_shard_(index(shards)), of_worker_(index(workers)) {}

Flight& Flights::open(WorkerId worker, ShardId shard, std::vector<Part> parts, Time now) {
  ++of_worker_[index(worker)];
  of_shard_[index(shard)].push_back(next_id_);
  ++under_way_;
  Flight& flight = flights_.add(next_id_);
  static_cast<FlightState&>(
      flight) = {};  // the task's vectors keep the room that an earlier one had
  flight.task.id = next_id_++;
  flight.task.worker = worker;
  flight.task.shard = shard;
  flight.task.parts = std::move(parts);
  flight.dispatched = now;
  return flight;
}

void Flights::reopen(Flight& flight, Time now) {
  flight.row = {};
  flight.dispatched = now;
  ++under_way_;
  // What the worker held is lost with it: the others send theirs again, and one of them what the
  // worker had sent to it.
  std::vector<PeerMessage>& messages = flight.task.messages;
  if (messages.empty()) return;
  if (messages.back().from != flight.task.worker) messages.push_back({flight.task.worker, now});
  for (PeerMessage& message : messages) message.sent = now;
}

void Flights::land(Flight& flight) {
  if (!flight.revoked) --under_way_;
}

void Flights::revoke(Flight& flight) {
  --under_way_;
  free(flight);
  flight.revoked = true;
}

void Flights::close(Flight& flight) {
  if (!flight.revoked) free(flight);
  forget(flight.task);
  flights_.erase(flight.task.id);
}

void Flights::free(const Flight& flight) {
  --of_worker_[index(flight.task.worker)];
  std::erase(of_shard_[index(flight.task.shard)], flight.task.id);
}

Flight* Flights::find(TaskId id) { return flights_.find(id); }

const Flight& Flights::at(TaskId id) const {
  const Flight* flight = flights_.find(id);
  LAGGARD_ASSERT(flight, fmt::format("task {} has no open fate", id));
  return *flight;
}

Flight& Flights::arrived(const Report& report) {
  Flight* flight = find(report.id);
  LAGGARD_ASSERT(flight && flight->arrived,
                 fmt::format("the fate of task {} was decided before", report.id));
  return *flight;
}

std::vector<TaskId> Flights::all() const {
  std::vector<TaskId> ids;
  flights_.for_each([&](TaskId id, const Flight&) { ids.push_back(id); });
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace laggard
