#include "core/io/memory.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>

namespace laggard {
namespace {

namespace fs = std::filesystem;

// The number after `key` in a file of lines "key number"; with an empty key the first number.
std::optional<double> number_in(const fs::path& file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    double number = 0;
    if (std::sscanf(line.c_str() + key.size(), " %lf", &number) == 1) return number;
  }
  return std::nullopt;  // "max" too: no limit
}

// A hierarchy of control groups: where it is mounted, how /proc/self/cgroup names it, its files.
struct Hierarchy {
  fs::path root;
  std::string controller;
  const char* limit;
  const char* taken;
};
const Hierarchy kHierarchies[] = {
    {"/sys/fs/cgroup", "", "memory.max", "memory.current"},
    {"/sys/fs/cgroup/memory", "memory", "memory.limit_in_bytes", "memory.usage_in_bytes"}};

// Of this process; in a container often the root. Lines are "7:memory:/group".
fs::path own_group(const Hierarchy& hierarchy) {
  std::ifstream in("/proc/self/cgroup");
  const std::string key = ":" + hierarchy.controller + ":/";
  for (std::string line; std::getline(in, line);)
    if (const std::size_t at = line.find(key); at != line.npos) return line.substr(at + key.size());
  return {};
}

// What the limit of a control group leaves. The pages of files count as taken there, but the system
// gives them back.
std::optional<double> left_in(const fs::path& group, const Hierarchy& hierarchy) {
  const auto limit = number_in(group / hierarchy.limit, "");
  const auto taken = number_in(group / hierarchy.taken, "");
  if (!limit || !taken) return std::nullopt;
  const double files = number_in(group / "memory.stat", "inactive_file").value_or(0);
  return std::max(0.0, *limit - *taken + files);
}

}  // namespace

double available_memory() {
  constexpr double kKilobyte = 1024;
  const auto machine = number_in("/proc/meminfo", "MemAvailable:");
  double least = machine ? *machine * kKilobyte : std::numeric_limits<double>::infinity();
  for (const Hierarchy& hierarchy : kHierarchies) {
    for (fs::path group = own_group(hierarchy);; group = group.parent_path()) {
      least = std::min(least, left_in(hierarchy.root / group, hierarchy).value_or(least));
      if (group.empty()) break;
    }
  }
  return least;
}

void keep_freed_memory() {
  constexpr int kMebibyte = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, 4 * kMebibyte);
  mallopt(M_TRIM_THRESHOLD, 128 * kMebibyte);
}

std::string memory_text(double bytes) {
  return bytes < 0x1p30 ? fmt::format("{:.1f} MiB", bytes * 0x1p-20)
                        : fmt::format("{:.1f} GiB", bytes * 0x1p-30);
}

}  // namespace laggard
