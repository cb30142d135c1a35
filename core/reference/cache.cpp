#include "core/reference/reference.hpp"

#include "core/io/atomic_file.hpp"
#include "core/io/error.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <xxhash.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

namespace laggard {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr int kFormatVersion = 2;

std::string describe(const Problem& problem) {
  return fmt::format("{} {} + {}", problem.data->identity, problem.loss->spec(),
                     problem.regularizer->spec());
}

// Of all other fields: a file that something changed is not believed.
std::string checksum(json::object object) {
  object.erase("checksum");
  const std::string text = json::serialize(object);
  return fmt::format("{:016x}", XXH3_64bits(text.data(), text.size()));
}

// Numbers are kept as text: Boost.JSON does not round what it reads to the nearest double, and a
// cached phi* must have the bits of the one that was computed.
std::string to_text(const Reference& reference, const Problem& problem) {
  json::object object{{"format", kFormatVersion},
                      {"fingerprint", fingerprint(problem)},
                      {"problem", describe(problem)},
                      {"objective", fmt::format("{}", reference.objective)},
                      {"kkt", fmt::format("{}", reference.kkt)},
                      {"duality_gap", fmt::format("{}", reference.duality_gap)}};
  object["checksum"] = checksum(object);
  return json::serialize(object) + "\n";
}

// NaN if it is not there or not a number.
double number(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  if (!value || !value->is_string()) return kNaN;
  const std::string_view text = value->get_string();
  double number = kNaN;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Nothing, if `text` is not what to_text makes for this problem or holds no certificate.
std::optional<Reference> from_text(const std::string& text, const Problem& problem) {
  json::error_code error;
  const json::value parsed = json::parse(text, error);
  const json::object* object = error ? nullptr : parsed.if_object();
  if (!object) return {};
  const auto holds = [&](const char* key, const json::value& expected) {
    const json::value* value = object->if_contains(key);
    return value && *value == expected;
  };
  if (!holds("format", kFormatVersion) ||
      !holds("fingerprint", json::value(fingerprint(problem))) ||
      !holds("checksum", json::value(checksum(*object))))
    return {};
  const Reference reference{number(*object, "objective"),
                            number(*object, "kkt"),
                            number(*object, "duality_gap"),
                            true,
                            {}};
  const bool certified =
      reference.kkt <= kReferenceKkt || reference.duality_gap <= kReferenceDualityGap;
  if (!std::isfinite(reference.objective) || !certified) return {};
  return reference;
}

// Who comes second among writers replaces the file by an equal one. A cache that cannot be written
// is no reason to stop.
void keep(const fs::path& file, const std::string& text) {
  std::error_code ignored;
  fs::create_directories(file.parent_path(), ignored);
  try {
    write_atomically(file, text, "cache", {.several_writers = true});
  } catch (const Error&) {
    return;
  }
}

}  // namespace

Reference reference_optimum(const Problem& problem, const fs::path& directory, int threads,
                            const std::function<bool()>& interrupted,
                            const OnReferenceProgress& progress) {
  if (directory.empty()) return solve_reference(problem, threads, interrupted, progress);
  const fs::path file = directory / "reference" / (fingerprint(problem) + ".json");
  std::string text;
  if (std::error_code none; fs::is_regular_file(file, none)) {
    std::ifstream in(file, std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(in), {});
  }
  if (auto cached = from_text(text, problem)) return *std::move(cached);
  Reference solved = solve_reference(problem, threads, interrupted, progress);
  keep(file, to_text(solved, problem));
  return solved;
}

fs::path default_cache_directory() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path(value ? value : "");
  };
  if (const fs::path own = variable("LAGGARD_CACHE_DIR"); !own.empty()) return own;
  if (const fs::path base = variable("XDG_CACHE_HOME"); !base.empty()) return base / "laggard";
  if (const fs::path home = variable("HOME"); !home.empty()) return home / ".cache" / "laggard";
  return {};
}

}  // namespace laggard
