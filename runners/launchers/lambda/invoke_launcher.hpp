// Starts workers by Lambda's Invoke API, on AWS or on an endpoint that speaks like it.
#pragma once

#include "core/lifecycle/function_options.hpp"
#include "runners/launchers/lambda/credentials.hpp"
#include "runners/launchers/lambda/retry.hpp"
#include "runners/launchers/launcher.hpp"

#include <atomic>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace laggard {

struct InvokeOptions {
  std::string function;                    // NAME or NAME:QUALIFIER
  std::string region;                      // as --region: see find_region()
  std::string endpoint;                    // as --endpoint: see find_endpoint()
  std::optional<Credentials> credentials;  // empty: find_credentials(environment)
  EnvironmentVariables environment = process_environment();
  double max_usd = kInfinity;
  RetryOptions retry;
  // Where the service does not tell.
  Time timeout = FunctionOptions{}.timeout;
  double memory_mb = FunctionOptions{}.memory_mb;
  Time connect_timeout = std::chrono::seconds(10);
  // First contact has to succeed, and the fleet's first workers have to find room, within this.
  Time patience = std::chrono::seconds(25);
  bool kills_asked = false;  // the service kills workers on purpose, for messages
  int files_per_worker = 3;  // open at most: the request, the connection, a hand-over
  const std::atomic<bool>* stop = nullptr;  // true: prepare() throws an Error
  // A line for the user; called by prepare() alone.
  std::function<void(std::string)> notice = [](std::string) {};
};

// Requests are sent anew only where no invocation came of them: refused by a rate limit or by an
// error of the service, or never sent. Everything else is told as the invocation's end, for the
// lifecycle to decide. Secrets are in no message. From prepare() on the process leaves no core
// file.
class InvokeLauncher : public Launcher {
 public:
  // Throws Error for what can be told wrong from the options alone.
  InvokeLauncher(boost::asio::io_context& loop, InvokeOptions options);
  ~InvokeLauncher() override;  // starts that have not ended are not told of any more

  void when_troubled(Troubled troubled) override;
  // Blocks, for at most half a minute.
  void prepare(int workers) override;
  void start(const Assignment& assignment, Ended ended) override;
  void worker_connected(WorkerKey key) override;
  void worker_ready(WorkerKey key) override;
  // A request that waits to be sent (again) is given up. One under way is left alone: closing it
  // would not stop the function, and its end brings the bill.
  void cancel(WorkerKey key) override;
  // What has not ended after `patience` is given up and told as failed. Starts nothing any more.
  void finish(Time patience) override;

  Time timeout() const override;
  std::optional<FleetCost> cost() const override;
  std::optional<std::string> budget_spent() const override;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace laggard
