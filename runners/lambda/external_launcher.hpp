// Workers that somebody else starts: a shell, xargs, GNU parallel, Slurm.
#pragma once

#include "runners/lambda/launcher.hpp"

#include <filesystem>
#include <set>

namespace laggard {

// A seat is a file that holds an assignment, readable by its owner alone. Whichever worker process
// takes it fills that place. When a worker is lost or leaves, a seat for its successor appears.
class ExternalLauncher final : public Launcher {
 public:
  // `directory` is created if it is not there, with access for the owner alone. Throws Error naming
  // --seats.
  explicit ExternalLauncher(std::filesystem::path directory);
  // Takes away the seats that nobody took, and the directory if it was not there before.
  ~ExternalLauncher() override;

  void prepare(int workers) override;
  void start(const Assignment& assignment, Ended ended) override;
  void cancel(WorkerKey key) override;
  void finish(Time patience) override;  // workers that wait for a seat end

  Time timeout() const override { return kForever; }
  double memory_mb() const override { return 0; }
  std::int64_t requests() const override { return 0; }

 private:
  std::filesystem::path seat(WorkerKey key) const;

  std::filesystem::path directory_;
  bool created_ = false;
  std::set<std::filesystem::path> written_;  // the seats of this run
};

}  // namespace laggard
