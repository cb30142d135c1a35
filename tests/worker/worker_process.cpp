#include "tests/worker/worker_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace laggard {
namespace {

constexpr int kPatienceMs = 20'000;

int status_of(int raw) { return WIFEXITED(raw) ? WEXITSTATUS(raw) : -WTERMSIG(raw); }

}  // namespace

WorkerProcess::WorkerProcess(const std::vector<std::string>& arguments,
                             const Environment& environment, const std::string& program) {
  std::vector<std::string> texts{program};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<char*> argv, envp;
  for (std::string& text : texts) argv.push_back(text.data());
  for (std::string& text : variables) envp.push_back(text.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, (directory_ / "errors").c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);  // the sockets of the test
  const int failed =
      ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed) throw std::runtime_error("cannot start " + program);
}

WorkerProcess::~WorkerProcess() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void WorkerProcess::signal(int number) const { ::kill(pid_, number); }

int WorkerProcess::wait() {
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  pollfd entry{handle, POLLIN, 0};
  const int ready = ::poll(&entry, 1, kPatienceMs);
  ::close(handle);
  if (ready != 1) throw std::runtime_error("the worker goes on: " + errors());
  int raw = 0;
  ::waitpid(pid_, &raw, 0);
  pid_ = -1;
  return status_of(raw);
}

bool WorkerProcess::runs() { return pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == 0; }

std::string WorkerProcess::errors() const { return read_text(directory_ / "errors"); }

}  // namespace laggard
