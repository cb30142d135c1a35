#include "core/io/memory.hpp"
#include "runners/runner/app.hpp"
#include "runners/runner/signals.hpp"

int main(int argc, char** argv) {
  laggard::keep_freed_memory();
  std::atomic<bool>& interrupted = laggard::catch_signals();
  return laggard::run_app({argv, argv + argc}, laggard::standard_console(), laggard::execute,
                          interrupted);
}
