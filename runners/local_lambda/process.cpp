#include "runners/local_lambda/process.hpp"

#include "runners/local_lambda/spawn.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace laggard::local {
namespace {

namespace asio = boost::asio;
using Failure = boost::system::error_code;
using Descriptor = asio::posix::stream_descriptor;

constexpr std::size_t kReadAtOnce = 64 << 10;
constexpr int kReadsInARow = 16;  // then others get their turn

// All descendants, parents first. Children that are started meanwhile may be missed.
std::vector<pid_t> descendants(pid_t parent) {
  std::vector<pid_t> found;
  std::vector<pid_t> open{parent};
  while (!open.empty()) {
    const pid_t next = open.back();
    open.pop_back();
    std::error_code gone;
    for (std::filesystem::directory_iterator task(fmt::format("/proc/{}/task", next), gone), end;
         !gone && task != end; task.increment(gone)) {
      std::ifstream children(task->path() / "children");
      for (pid_t child = 0; children >> child;) {
        found.push_back(child);
        open.push_back(child);
      }
    }
  }
  return found;
}

}  // namespace

struct Process::State : std::enable_shared_from_this<Process::State> {
  State(asio::io_context& io, const Spawned& child, Events events_given)
      : id(child.id),
        exit(io, child.descriptor),
        output(io, child.output),
        events(std::move(events_given)) {}

  void watch() {
    exit.async_wait(Descriptor::wait_read, [weak = weak_from_this()](Failure failure) {
      const auto self = weak.lock();
      if (failure || !self || !self->running) return;
      self->read_output();
      const int status = self->reap();
      if (const auto exited = std::exchange(self->events.exited, nullptr)) exited(status);
    });
    watch_output();
  }

  void watch_output() {
    output.async_wait(Descriptor::wait_read, [weak = weak_from_this()](Failure failure) {
      const auto self = weak.lock();
      if (failure || !self || !self->output.is_open()) return;
      if (self->read_output()) self->watch_output();
    });
  }

  // False at the end of the output.
  bool read_output() {
    std::string bytes(kReadAtOnce, '\0');
    for (int i = 0; i < kReadsInARow && output.is_open(); ++i) {
      const ssize_t got = ::read(output.native_handle(), bytes.data(), bytes.size());
      if (got == 0) return false;
      if (got < 0) return errno == EAGAIN || errno == EINTR;
      if (events.output) events.output({bytes.data(), static_cast<std::size_t>(got)});
    }
    return output.is_open();
  }

  void kill() {
    if (!running) return;
    // Stopped first, so that it starts nothing between the look and the kill.
    ::kill(-id, SIGSTOP);
    const std::vector<pid_t> others = descendants(id);
    ::kill(-id, SIGKILL);
    for (const pid_t other : others) ::kill(other, SIGKILL);
  }

  // Waits for it: only to be called when it is over, or about to be.
  int reap() {
    // While it is not reaped nobody else can have its number, nor that of its group.
    ::kill(-id, SIGKILL);
    int status = 0;
    while (::waitpid(id, &status, 0) < 0 && errno == EINTR) {
    }
    running = false;
    Failure ignored;
    exit.close(ignored);
    output.close(ignored);
    return status;
  }

  pid_t id;
  bool running = true;
  Descriptor exit, output;
  Events events;
};

Process::Process(asio::io_context& io, const Spec& spec, Events events)
    : state_(std::make_shared<State>(io, spawn(spec.command, spec.environment, spec.directory),
                                     std::move(events))) {
  state_->watch();
}

Process::~Process() {
  state_->events = {};
  if (!state_->running) return;
  state_->kill();
  state_->reap();
}

pid_t Process::id() const { return state_->id; }
bool Process::running() const { return state_->running; }

void Process::send_signal(int number) {
  if (state_->running) ::kill(-state_->id, number);
}

void Process::kill() { state_->kill(); }
void Process::read_output() { state_->read_output(); }

double Process::resident_mb() const {
  if (!state_->running) return 0;
  std::ifstream file(fmt::format("/proc/{}/statm", id()));
  double size = 0, resident = 0;  // pages
  file >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

double Process::peak_resident_mb() const {
  if (!state_->running) return 0;
  std::ifstream file(fmt::format("/proc/{}/status", id()));
  for (std::string word; file >> word;) {
    double kib = 0;
    if (word == "VmHWM:" && file >> kib) return kib / 1024;
  }
  return 0;
}

std::string describe_exit(int status) {
  if (WIFEXITED(status)) return fmt::format("exit status {}", WEXITSTATUS(status));
  const char* name = sigdescr_np(WTERMSIG(status));
  std::string text = name ? name : std::to_string(WTERMSIG(status));
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return "signal: " + text;
}

}  // namespace laggard::local
