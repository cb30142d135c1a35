#include "runners/laboratory/report/warnings.hpp"

#include "core/io/error.hpp"
#include "core/io/json_fields.hpp"
#include "core/results/run_directory.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace laggard {
namespace {

// A text of run.json: `outer.inner`, or `inner` alone where `outer` is empty.
std::string text_field(const StoredRun& run, const char* outer, const char* inner) {
  const boost::json::object* object = &run.run;
  if (*outer) {
    const boost::json::value* found = object->if_contains(outer);
    if (!found || !found->is_object()) return {};
    object = &found->as_object();
  }
  return loose_text(*object, inner);
}

std::string plural(std::size_t count) {
  return fmt::format("{} run{}", count, count == 1 ? "" : "s");
}

// "2 runs failed: a, b". The first few are named.
std::string named(std::string_view what, const std::vector<const StoredRun*>& runs) {
  constexpr std::size_t kNamed = 3;
  std::vector<std::string> names;
  for (const StoredRun* run : runs) {
    if (names.size() == kNamed) break;
    const std::string error = loose_text(run->run, "error");
    names.push_back(run->folder.string() + (error.empty() ? "" : " (" + error + ")"));
  }
  return fmt::format("{} {}: {}{}", plural(runs.size()), what, fmt::join(names, ", "),
                     runs.size() > kNamed ? ", .." : "");
}

// Equal for runs that are one and the same. Empty where only the folder tells: folders of one name
// need not be one run.
std::string sameness(const StoredRun& run) {
  const std::string id = loose_text(run.run, "id");
  if (id.empty()) return {};
  if (loose_text(run.run, "fleet") != "sim") return boost::json::serialize(run.run);
  return id + loose_text(run.run, "schedule_digest") + loose_text(run.run, "iterate_digest");
}

}  // namespace

std::vector<std::string> drop_unreadable(std::vector<StoredRun>& runs) {
  std::vector<std::string> warnings;
  std::string last;
  std::erase_if(runs, [&](const StoredRun& run) {
    const boost::json::value* configuration = run.run.if_contains("configuration");
    if (configuration && configuration->is_object()) return false;
    last = (run.folder / kRunFile).string();
    warnings.push_back(fmt::format("{}: tells of no configuration; left out", last));
    return true;
  });
  if (runs.empty())
    throw Error(fmt::format("report: {}: no configuration; expected the run.json of a run", last));
  return warnings;
}

std::vector<std::string> drop_repeated(std::vector<StoredRun>& runs) {
  std::set<std::string> folders, seen;
  const std::size_t before = runs.size();
  std::erase_if(runs, [&](const StoredRun& run) {
    const std::string same = sameness(run);
    std::error_code none;
    return !folders.insert(std::filesystem::weakly_canonical(run.folder, none).string()).second ||
           (!same.empty() && !seen.insert(same).second);
  });
  if (runs.size() == before) return {};
  return {fmt::format("{} met twice, and shown once", plural(before - runs.size()))};
}

std::vector<std::string> warnings_of(const std::vector<StoredRun>& runs) {
  std::vector<std::string> warnings;
  const std::vector<std::pair<std::string_view, std::string_view>> kinds = {
      {run_status::kFailed, "failed"},
      {run_status::kInterrupted, "interrupted, shown as far as they came"},
      {run_status::kRunning, "still running, shown as far as they have come"}};
  for (const auto& [status, what] : kinds) {
    std::vector<const StoredRun*> such;
    for (const StoredRun& run : runs)
      if (run.status == status) such.push_back(&run);
    if (!such.empty()) warnings.push_back(named(what, such));
  }
  struct Same {
    const char *outer, *inner, *what, *so;
  };
  for (const Same& same :
       {Same{"", "version", "versions", ""},
        Same{"environment", "git_revision", "revisions of the program", ""},
        Same{"environment", "build_type", "kinds of build", ": wall times do not compare"},
        Same{"environment", "cpu", "kinds of processor", ": wall times do not compare"}}) {
    std::map<std::string, std::size_t> counts;
    for (const StoredRun& run : runs)
      if (std::string text = text_field(run, same.outer, same.inner); !text.empty()) ++counts[text];
    if (counts.size() < 2) continue;
    std::vector<std::string> parts;
    for (const auto& [text, count] : counts)
      parts.push_back(fmt::format("{} ({})", text, plural(count)));
    warnings.push_back(fmt::format("made with {} {}{}: {}", counts.size(), same.what, same.so,
                                   fmt::join(parts, ", ")));
  }
  return warnings;
}

}  // namespace laggard
