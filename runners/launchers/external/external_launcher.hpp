// Workers that somebody else starts: a shell, xargs, GNU parallel, Slurm.
#pragma once

#include "core/io/file_lock.hpp"
#include "runners/launchers/launcher.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <filesystem>
#include <list>

namespace laggard {

// A seat is a file that holds an assignment, readable by its owner alone. Whichever worker process
// takes it fills that place. When a worker is lost or leaves, a seat for its successor appears. The
// lock on the directory's file `coordinator` says that the run lasts: it ends with the process,
// however that ends, so workers never wait for a coordinator that is gone. A worker that took a
// seat and came to nothing says why in a file beside it; one that does not connect in time is given
// up.
class ExternalLauncher final : public Launcher {
 public:
  // `directory` is created if it is not there, with access for the owner alone; a symbolic link is
  // refused. Where no worker at all comes within `patience` from the first start, that start is
  // told to be hopeless. Throws Error naming --seats.
  ExternalLauncher(boost::asio::io_context& loop, std::filesystem::path directory,
                   Time patience = kForever);
  // Takes away the seats that nobody took, and the directory if it was not there before. Workers
  // that wait end.
  ~ExternalLauncher() override;

  // Throws Error where another run uses the directory. What a run that died left there is removed.
  void prepare(int workers) override;
  void start(const Assignment& assignment, Ended ended) override;
  void worker_connected(WorkerKey key) override;
  void cancel(WorkerKey key) override;
  void finish(Time) override {}

  Time timeout() const override { return kForever; }

 private:
  // A start whose worker has not connected. The seat may wait for ever, but not whoever took it.
  struct Start {
    WorkerKey key;
    Ended ended;
    Time since_taken{};
  };

  std::filesystem::path seat(WorkerKey key) const;
  void watch();
  bool is_in_vain() const;
  std::optional<InvocationEnd> failure_of(Start& start);
  void remove_seats();

  std::filesystem::path directory_;
  Time patience_;
  Time since_{};  // the first start; of the steady clock
  bool created_ = false;
  FileLock lock_;  // on the file `coordinator`
  boost::asio::steady_timer timer_;
  std::list<Start> starts_;
  bool any_connected_ = false;
  int workers_ = 1;
  int told_ = 0;  // failures that workers told of before any connected
};

}  // namespace laggard
