#include "runners/worker/seats.hpp"

#include "core/io/atomic_file.hpp"
#include "core/io/error.hpp"
#include "core/io/file_lock.hpp"
#include "core/wire/assignment.hpp"
#include "runners/worker/conversation.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <thread>
#include <vector>

namespace laggard {
namespace {

namespace fs = std::filesystem;

constexpr auto kPeriod = std::chrono::milliseconds(200);
constexpr Time kGrace =
    std::chrono::seconds(10);  // schedulers leave 30 s or so; nobody counts on all of it

std::vector<fs::path> seats(const fs::path& directory) {
  std::vector<fs::path> found;
  std::error_code gone;
  for (fs::directory_iterator entry(directory, gone), end; !gone && entry != end;
       entry.increment(gone)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with("seat-") && name.ends_with(".json")) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

struct Seat {
  std::string name;  // of its file
  std::string text;
};

// The seat that is now ours; nothing if others were faster.
std::optional<Seat> take(const fs::path& directory) {
  for (const fs::path& seat : seats(directory)) {
    const fs::path own = directory / fmt::format(".{}.{}", seat.filename().string(), ::getpid());
    std::error_code taken;
    fs::rename(seat, own, taken);
    if (taken) continue;
    std::ifstream file(own, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    fs::remove(own, taken);
    return Seat{seat.filename().string(), std::move(text)};
  }
  return std::nullopt;
}

void tell_failure(const SeatOptions& options, const std::string& seat, const std::string& why) {
  std::fprintf(stderr, "laggard-worker: %s\n", why.c_str());
  try {
    write_atomically(options.directory / (kFailedSeat + seat), why, "--seats", {.durable = false});
  } catch (const Error& error) {
    std::fprintf(stderr, "laggard-worker: %s\n", error.what());
  }
}

// True: go on.
bool sit(Seat seat, const SeatOptions& options, bool cold, bool& failed) {
  try {
    Assignment assignment = parse_assignment(seat.text);
    wipe(std::as_writable_bytes(std::span(seat.text)));
    InvocationContext context;
    context.cold = cold;
    context.grace = kGrace;
    context.ca_file = options.ca_file;
    return !converse(std::move(assignment), context).terminated;
  } catch (const ConversationError& error) {
    tell_failure(options, seat.name, error.what());
  } catch (const Error& error) {
    tell_failure(options, seat.name, error.what());
  }
  failed = true;
  return true;
}

bool is_unattended(const fs::path& directory) {
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored)) return true;
  const fs::path file = directory / kCoordinatorFile;
  if (!fs::exists(file, ignored)) return false;  // the run is yet to come
  return !is_locked(file);
}

// Between making the file and locking it a coordinator needs a moment.
bool is_over(const fs::path& directory) {
  if (!is_unattended(directory)) return false;
  std::this_thread::sleep_for(kPeriod);
  return is_unattended(directory);
}

}  // namespace

int run_seats(const SeatOptions& options) {
  if (!fs::is_directory(options.directory))
    throw Error(fmt::format(
        "--seats: {}: no such directory; expected the one that the run has made, so start that "
        "first",
        options.directory.string()));
  if (!fs::exists(options.directory / kCoordinatorFile))
    std::fprintf(stderr, "laggard-worker: waits for a run that uses %s\n",
                 options.directory.c_str());
  bool cold = true, sat = false;
  while (!is_over(options.directory)) {
    std::optional<Seat> seat = take(options.directory);
    if (!seat) {
      std::this_thread::sleep_for(kPeriod);
      continue;
    }
    bool failed = false;
    sat = true;
    const bool more = sit(std::move(*seat), options, cold, failed);
    if (options.once) return failed ? 1 : 0;
    if (!more) return 0;
    cold = false;
  }
  if (!sat)
    std::fprintf(stderr, "laggard-worker: no seat was left in %s, and its run is over\n",
                 options.directory.c_str());
  return 0;
}

}  // namespace laggard
