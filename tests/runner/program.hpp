// The runner as a process, with its output in files.
#pragma once

#include "tests/support/temporary_directory.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/json/parse.hpp>

#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace laggard {

class Program : public ::testing::Test {
 protected:
  // Starts the program with stdout and stderr in files, or with stdout in the descriptor `to`.
  pid_t start(std::vector<std::string> arguments, int to = -1) {
    arguments.insert(arguments.begin(), LAGGARD_RUNNER);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const pid_t child = ::fork();
    if (child != 0) return child;
    if (to < 0)
      redirect(STDOUT_FILENO, path("out"));
    else
      ::dup2(to, STDOUT_FILENO);
    redirect(STDERR_FILENO, path("err"));
    std::signal(SIGPIPE, SIG_DFL);  // whatever this process does with it
    ::execv(argv[0], argv.data());
    std::_Exit(127);
  }
  // The exit code, or minus the signal that ended it.
  int wait(pid_t child) {
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }
  int run(std::vector<std::string> arguments) { return wait(start(std::move(arguments))); }

  // A run that only a signal ends; returns once it has written its first rows.
  pid_t start_endless() {
    const pid_t child = start({"--synthetic", "n=2000,d=50,density=0.1", "--workers", "4", "--stop",
                               "none", "--max-rounds", "1e9", "--output", path("run")});
    while (read_text(path("run/iterations.csv.part")).find("\n2,") == std::string::npos) {
      int status = 0;
      if (::waitpid(child, &status, WNOHANG) != 0) {
        ADD_FAILURE() << "it ended by itself: " << err();
        break;
      }
      std::this_thread::yield();
    }
    return child;
  }

  std::string path(const std::string& name) const { return (temporary_.path() / name).string(); }
  std::string out() const { return read_text(path("out")); }
  std::string err() const { return read_text(path("err")); }
  boost::json::value result() const { return boost::json::parse(out()); }

 private:
  static void redirect(int descriptor, const std::string& file) {
    ::dup2(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666), descriptor);
  }

  TemporaryDirectory temporary_;
};

}  // namespace laggard
