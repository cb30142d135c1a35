// Who may include whom: the picture of ARCHITECTURE.md, held against the sources.
#include "tests/tidy/tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

namespace laggard::tidy {
namespace {

using Rooms = std::vector<std::string>;

// Each knows only those before it.
const Rooms kCore = {"core/io",     "core/task",      "core/problem",   "core/solver",
                     "core/coding", "core/method",    "core/lifecycle", "core/results",
                     "core/wire",   "core/reference", "core/schedule"};

// What a room outside core may know, beside itself and the folder that it lies in. A name stands
// for every room within it.
const std::map<std::string, Rooms> kKnows = {
    {"methods/", {"core/io", "core/task", "core/problem", "core/solver", "core/method"}},
    {"protocols/",
     {"core/io", "core/task", "core/problem", "core/solver", "core/coding", "core/method",
      "core/schedule"}},
    {"examples/", {"core/"}},
    {"runners/fleets/straggler/", {"core/"}},
    {"runners/fleets/sim/", {"core/", "runners/fleets/straggler/"}},
    {"runners/fleets/threads/", {"core/", "runners/fleets/straggler/"}},
    {"runners/channels/", {"core/"}},
    {"runners/launchers/", {"core/", "runners/channels/"}},
    {"runners/fleets/processes/",
     {"core/", "runners/channels/", "runners/launchers/", "runners/fleets/straggler/"}},
    {"runners/cli/", {"core/"}},
    {"runners/laboratory/", {"core/io", "core/task", "core/results", "runners/cli/"}},
    {"runners/plugins/", {"core/"}},
    {"runners/local_lambda/", {"core/", "runners/channels/", "runners/cli/"}},
    {"runners/worker/",
     {"core/", "runners/channels/", "runners/cli/", "runners/fleets/straggler/",
      "runners/plugins/"}},
    {"runners/live/", {"core/"}},
    {"runners/runner/", {"core/", "methods/", "protocols/", "runners/"}},
};

// Whoever measures or tests knows all.
const std::set<std::string> kReaders = {"tests", "bench", "experiments"};

bool is_one_of(const std::string& room, const Rooms& allowed) {
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& prefix) { return (room + "/").starts_with(prefix); });
}

// Where `room` may not include `other`: the reason.
std::string why_not(const std::string& room, const std::string& other) {
  if ((room + "/").starts_with(other + "/") || kReaders.contains(room)) return {};
  if (kReaders.contains(other)) return "is for tests";
  if (const auto here = std::find(kCore.begin(), kCore.end(), room); here != kCore.end())
    return std::find(kCore.begin(), here, other) != here ? "" : "does not come before it";
  const auto rule = std::find_if(kKnows.begin(), kKnows.end(), [&](const auto& entry) {
    return (room + "/").starts_with(entry.first);
  });
  if (rule == kKnows.end()) return "has no rule: write one for " + room;
  return is_one_of(other, rule->second) ? "" : "is not among what it may know";
}

// Edges that are about to go. Nothing is added here.
const std::set<std::string> kToBeMended = {};

TEST(Layers, EachRoomKnowsOnlyWhatItMay) {
  std::vector<std::string> wrong;
  std::set<std::string> unmended = kToBeMended;
  for (const SourceFile& source : sources()) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string other = included(source, source.lines[i]);
      if (other.empty() || other.starts_with("laggard/")) continue;  // made by the build
      if (unmended.erase(source.path + " includes " + other)) continue;
      const std::string why = why_not(room_of(source.path), room_of(other));
      if (!why.empty())
        wrong.push_back(source.at(i) + ": " + room_of(source.path) + " includes " + other +
                        ", which " + why);
    }
  }
  EXPECT_TRUE(wrong.empty()) << list(wrong);
  EXPECT_TRUE(unmended.empty()) << "mended, so no longer to be listed:"
                                << list({unmended.begin(), unmended.end()});
}

TEST(Layers, EveryIncludeWithQuotesNamesAFileOfTheTree) {
  std::set<std::string> files;
  for (const SourceFile& source : sources()) files.insert(source.path);
  std::vector<std::string> wrong;
  for (const SourceFile& source : sources()) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string other = included(source, source.lines[i]);
      if (!other.empty() && !other.starts_with("laggard/") && !files.contains(other))
        wrong.push_back(source.at(i) + ": " + other);
    }
  }
  EXPECT_TRUE(wrong.empty()) << list(wrong);
}

// Two headers that include each other compile as long as somebody includes them in the right order.
TEST(Layers, NoHeadersIncludeEachOther) {
  std::map<std::string, std::vector<std::string>> edges;
  for (const SourceFile& source : sources())
    for (const std::string& line : source.lines)
      if (std::string other = included(source, line); !other.empty())
        edges[source.path].push_back(other);
  std::set<std::string> done, open;
  std::vector<std::string> wrong;
  const auto visit = [&](const auto& self, const std::string& file) -> void {
    if (!done.insert(file).second) return;
    open.insert(file);
    for (const std::string& other : edges[file]) {
      if (open.contains(other)) wrong.push_back(file + " includes " + other + ", and that it");
      self(self, other);
    }
    open.erase(file);
  };
  for (const SourceFile& source : sources()) visit(visit, source.path);
  EXPECT_TRUE(wrong.empty()) << list(wrong);
}

// The folders under a line of ARCHITECTURE.md's list of folders, in its order.
Rooms drawn_under(const std::string& heading) {
  std::ifstream file(root() + "/ARCHITECTURE.md");
  Rooms found;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == 4) inside = line.substr(4) == heading;
    if (!inside || indent != 6) continue;
    const std::size_t slash = line.find('/');
    if (slash != std::string::npos && slash < line.find(' ', 6))
      found.push_back(heading + line.substr(6, slash - 6));
  }
  return found;
}

TEST(Layers, TheArchitectureShowsTheSameOrder) { EXPECT_EQ(drawn_under("core/"), kCore); }

TEST(Layers, TheArchitectureShowsEveryFolderOfTheRunners) {
  std::set<std::string> there;
  for (const SourceFile& source : sources()) {
    if (!source.starts_with("runners/")) continue;
    const std::string room = room_of(source.path);
    there.insert(room.substr(0, room.find('/', std::string("runners/").size())));
  }
  const Rooms drawn = drawn_under("runners/");
  EXPECT_EQ(std::set<std::string>(drawn.begin(), drawn.end()), there);
}

// The rule itself can fail.
TEST(Layers, TheRuleTellsWhoMayNotKnowWhom) {
  EXPECT_EQ(why_not("core/solver", "core/problem"), "");
  EXPECT_NE(why_not("core/problem", "core/solver"), "");
  EXPECT_NE(why_not("core/reference", "runners/runner"), "");
  EXPECT_EQ(why_not("protocols/sync", "core/schedule"), "");
  EXPECT_NE(why_not("protocols/sync", "protocols/async"), "");
  EXPECT_NE(why_not("protocols/sync", "core/wire"), "");
  EXPECT_NE(why_not("methods/admm", "core/schedule"), "");
  EXPECT_EQ(why_not("runners/channels/tls", "runners/channels"), "");
  EXPECT_EQ(why_not("runners/fleets/processes", "runners/channels/tls"), "");
  EXPECT_NE(why_not("runners/channels/tls", "runners/launchers"), "");
  EXPECT_NE(why_not("runners/fleets/sim", "runners/runner"), "");
  EXPECT_NE(why_not("runners/runner", "tests"), "");
  EXPECT_EQ(why_not("tests", "runners/runner"), "");
  EXPECT_NE(why_not("attic", "core/io"), "");
}

}  // namespace
}  // namespace laggard::tidy
