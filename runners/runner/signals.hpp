// How signals end the program.
#pragma once

#include <atomic>

namespace laggard {

// From now on the first SIGINT, SIGTERM or SIGHUP makes the result true, which asks for an orderly
// end, and a second SIGINT or SIGTERM kills. Of a program that was started to outlive its terminal
// (nohup) SIGHUP stays ignored.
std::atomic<bool>& catch_signals();

// From now on the second one makes the result true, and the third one kills.
const std::atomic<bool>& catch_second_signal();

// From now on the first one kills: for what nobody would end in order.
void let_signals_kill();

// From now on a closed pipe fails to be written, and does not kill: for whoever keeps what it does.
void outlive_readers();

}  // namespace laggard
