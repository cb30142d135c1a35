// A child process in a process group of its own that cannot outlive its parent.
#pragma once

#include <sys/types.h>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace laggard::local {

class Process {
 public:
  struct Spec {
    std::vector<std::string> command;      // the program's path first
    std::vector<std::string> environment;  // "NAME=VALUE", and nothing else
    std::string directory;                 // where it starts
  };
  struct Events {
    std::function<void(std::string_view)> output;  // what it wrote to stdout and stderr
    std::function<void(int)> exited;               // once, reaped: its status as of waitpid
  };

  // Starts it. Throws Error naming the program where it cannot be started. No event is told inline.
  Process(boost::asio::io_context& io, const Spec& spec, Events events);
  // Kills what is left of it and reaps it. No event any more.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const;
  bool running() const;             // not yet reaped
  void send_signal(int number);     // to its group
  void kill();                      // SIGKILL to its group and to all its descendants
  void read_output();               // tells at once what it has written so far
  double resident_mb() const;       // now; 0 where it is not running
  double peak_resident_mb() const;  // since it started

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// "exit status 3" or "signal: killed", as Lambda words it.
std::string describe_exit(int status);

}  // namespace laggard::local
