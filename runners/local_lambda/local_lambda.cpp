#include "runners/local_lambda/local_lambda.hpp"

#include "core/io/error.hpp"
#include "runners/local_lambda/front.hpp"
#include "runners/local_lambda/identifiers.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>
#include <boost/asio/executor_work_guard.hpp>
#include <csignal>
#include <exception>
#include <thread>

namespace laggard {
namespace {

std::filesystem::path executable(const std::filesystem::path& file, std::string_view option) {
  std::error_code failure;
  const auto whole = std::filesystem::canonical(file, failure);
  if (failure || !std::filesystem::is_regular_file(whole) || ::access(whole.c_str(), X_OK) != 0) {
    throw Error(fmt::format("{}: '{}' is no program that can be run; expected an executable file",
                            option, file.string()));
  }
  return whole;
}

LocalLambdaOptions completed(LocalLambdaOptions options) {
  options.worker = executable(options.worker, "--worker");
  if (!options.emulator.empty()) options.emulator = executable(options.emulator, "--emulator");
  if (options.secret_key.empty()) options.secret_key = local::random_hex(20);
  return options;
}

}  // namespace

struct LocalLambda::Impl {
  explicit Impl(const LocalLambdaOptions& options_given)
      : options(completed(options_given)),
        log(options.log),
        front(io, options, log, meter),
        endpoint("http://" + front.address()) {}

  // Signals are for the threads that know what to do with them.
  void start() {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread = std::thread([this] { io.run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  LocalLambdaOptions options;
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  local::Log log;
  local::Meter meter;
  local::Front front;
  std::string endpoint;
  std::thread thread;
};

LocalLambda::LocalLambda(const LocalLambdaOptions& options)
    : impl_(std::make_unique<Impl>(options)) {
  impl_->log.line("listens on " + impl_->endpoint);
  impl_->start();
}

LocalLambda::~LocalLambda() {
  impl_->io.stop();
  impl_->thread.join();
}

std::string LocalLambda::endpoint() const { return impl_->endpoint; }
std::string LocalLambda::secret_key() const { return impl_->options.secret_key; }
std::string LocalLambda::log_trouble() const { return impl_->log.trouble(); }
LocalLambdaMeter LocalLambda::meter() const { return impl_->meter.value(); }

}  // namespace laggard
