// Workers that somebody else starts: a shell, xargs, GNU parallel, Slurm.
#pragma once

#include "runners/lambda/launcher.hpp"

#include <filesystem>

namespace laggard {

// A seat is a file that holds an assignment, readable by its owner alone. Whichever worker process
// takes it fills that place. When a worker is lost or leaves, a seat for its successor appears. The
// lock on the directory's file `coordinator` says that the run lasts: it ends with the process,
// however that ends, so workers never wait for a coordinator that is gone.
class ExternalLauncher final : public Launcher {
 public:
  // `directory` is created if it is not there, with access for the owner alone. Throws Error naming
  // --seats.
  explicit ExternalLauncher(std::filesystem::path directory);
  // Takes away the seats that nobody took, and the directory if it was not there before. Workers that
  // wait end.
  ~ExternalLauncher() override;

  // Throws Error where another run uses the directory. What a run that died left there is removed.
  void prepare(int workers) override;
  void start(const Assignment& assignment, Ended ended) override;
  void cancel(WorkerKey key) override;
  void finish(Time) override {}

  Time timeout() const override { return kForever; }

 private:
  std::filesystem::path seat(WorkerKey key) const;
  void remove_seats();

  std::filesystem::path directory_;
  bool created_ = false;
  int lock_ = -1;  // the descriptor of the file `coordinator`
};

}  // namespace laggard
