#include "runners/local_lambda/spawn.hpp"

#include "core/io/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstring>
#include <utility>

namespace laggard::local {
namespace {

struct Pipe {
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      throw Error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    }
  }
  ~Pipe() {
    close_read();
    close_write();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_read() { close_end(ends[0]); }
  void close_write() { close_end(ends[1]); }
  int release_read() { return std::exchange(ends[0], -1); }

  int ends[2] = {-1, -1};

 private:
  static void close_end(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
};

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  for (const std::string& word : words) all.push_back(const_cast<char*>(word.c_str()));
  all.push_back(nullptr);
  return all;
}

// In the child, where nothing but async-signal-safe calls are allowed: other threads of the parent
// may have held any lock. Does not return; tells `problems` the errno.
[[noreturn]] void become(char* const* command, char* const* environment, const char* directory,
                         pid_t parent, int output, int problems) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(126);  // it has ended meanwhile
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  for (int number = 1; number < SIGRTMAX; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, 0);
  ::dup2(output, 1);
  ::dup2(output, 2);
  // Asio's sockets would otherwise stay open in the worker, and a connection that the coordinator
  // drops would not end. `problems` closes with the exec as well.
  ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
  if (::chdir(directory) == 0) ::execve(command[0], command, environment);
  const int failure = errno;
  [[maybe_unused]] const ssize_t told = ::write(problems, &failure, sizeof failure);
  ::_exit(127);
}

}  // namespace

Spawned spawn(const std::vector<std::string>& command, const std::vector<std::string>& environment,
              const std::string& directory) {
  Pipe output, problems;
  const std::vector<char*> arguments = pointers(command), variables = pointers(environment);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) {
    throw Error(fmt::format("cannot start {}: {}", command.front(), std::strerror(errno)));
  }
  if (child == 0) {
    become(arguments.data(), variables.data(), directory.c_str(), parent, output.ends[1],
           problems.ends[1]);
  }
  ::setpgid(child, child);  // here as well: whoever is first
  output.close_write();
  problems.close_write();
  int failure = 0;
  ssize_t got = 0;
  while ((got = ::read(problems.ends[0], &failure, sizeof failure)) < 0 && errno == EINTR) {
  }
  Spawned spawned;
  if (got == 0) spawned.descriptor = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  if (got != 0 || spawned.descriptor < 0) {
    if (got == 0) failure = errno;
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    if (got == 0)
      throw Error(fmt::format("cannot start {}: {}", command.front(), std::strerror(failure)));
    throw NotExecutable(failure == ENOEXEC ? "exec format error" : std::strerror(failure));
  }
  ::fcntl(output.ends[0], F_SETFL, O_NONBLOCK);
  spawned.id = child;
  spawned.output = output.release_read();
  return spawned;
}

}  // namespace laggard::local
