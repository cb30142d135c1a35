// The part of Session that outlives it.
#include "core/schedule/session.hpp"

#include "core/io/error.hpp"

#include <utility>

namespace laggard {

void Session::persist(StateArchive& archive) {
  std::uint64_t schedule = schedule_digest_.value(), iterates = iterate_digest_.value();
  archive.value(round_);
  archive.value(next_task_);  // a task's id says whose omega it is, so no two share one
  archive.value(schedule);
  archive.value(iterates);
  archive.values(last_accept_);
  for (std::int64_t* total : {&bytes_up_, &bytes_down_, &tasks_, &tasks_accepted_, &capped_})
    archive.value(*total);
  for (double* number : {&compute_seconds_, &decode_error_, &condition_}) archive.value(*number);
  schedule_digest_ = Digest(schedule);
  iterate_digest_ = Digest(iterates);
  method_.persist(archive);
}

void Session::keep_checkpoint() {
  if (!options_.checkpoint || (!stop_ && round_ % options_.checkpoint_every != 0)) return;
  StateArchive archive;
  persist(archive);
  options_.checkpoint(round_, archive.take());
}

void Session::resume(std::string_view state) {
  LAGGARD_ASSERT(round_ == 0 && next_task_ == 0, "a run is resumed that has begun");
  StateArchive archive(state);
  persist(archive);
  archive.finish();
}

}  // namespace laggard
