#include "core/io/memory.hpp"
#include "runners/runner/app.hpp"

#include <csignal>

namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may set nothing else");

// The first signal asks for an orderly end, the second one kills.
extern "C" void on_signal(int) {
  interrupted = true;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

int main(int argc, char** argv) {
  laggard::keep_freed_memory();
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return laggard::run_app({argv, argv + argc}, laggard::standard_console(), laggard::execute,
                          interrupted);
}
