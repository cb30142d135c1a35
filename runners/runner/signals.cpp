#include "runners/runner/signals.hpp"

#include <csignal>

namespace laggard {
namespace {

std::atomic<bool> first{false}, second{false};
std::atomic<bool> second_kills{true};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may set nothing else");

extern "C" void on_signal(int signal) {
  const bool again = first.exchange(true);
  // A terminal that closes may say so twice: its shell tells, and then the system.
  if (again && signal != SIGHUP) second = true;
  if (!second && !second_kills) return;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

std::atomic<bool>& catch_signals() {
  struct sigaction action{}, before{};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGHUP, nullptr, &before);
  if (before.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
  return first;
}

const std::atomic<bool>& catch_second_signal() {
  second_kills = false;
  return second;
}

void let_signals_kill() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  if (std::signal(SIGHUP, SIG_DFL) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
}

void outlive_readers() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace laggard
