#include "runners/runner/identity.hpp"

#include "core/io/error.hpp"
#include "core/problem/text_stream.hpp"
#include "core/results/digest.hpp"
#include "core/results/numeric_revision.hpp"
#include "core/results/run_directory.hpp"
#include "runners/runner/installation.hpp"
#include "runners/runner/json_result.hpp"
#include "runners/runner/json_text.hpp"
#include "runners/runner/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

namespace laggard {
namespace {

namespace fs = std::filesystem;

// Beside the group of output: where things lie, and by which door they come. What of them matters
// is told by a checksum.
constexpr std::array<std::string_view, 8> kPlaces = {
    "data", "worker", "listen", "advertise", "shard-source", "emulator", "endpoint-log", "seats"};

// Options that joined when results were kept already, with the value of all runs until then: at
// that value they are no part of an identity, so that those results are found.
struct Joined {
  std::string_view option, before;  // a name, JSON
};
constexpr std::array<Joined, 4> kJoined = {{{"topology", "\"star\""},
                                            {"order", "\"average\""},
                                            {"read-delay", "\"none\""},
                                            {"model-lambdas", "\"none\""}}};

bool is_as_before(std::string_view name, std::string_view value) {
  return std::ranges::any_of(
      kJoined, [&](const Joined& one) { return one.option == name && one.before == value; });
}

std::string sha256_of(const fs::path& file) {
  TextStream stream(file);
  std::array<char, 1 << 16> piece;
  try {
    while (stream.read(piece) > 0) {
    }
  } catch (const StreamFault& fault) {
    throw Error(fmt::format("{}: {}", file.string(), fault.what()));
  }
  return stream.sha256();
}

// The file of a straggler model `trace:FILE`, which may be one of several joined by +.
std::string traced_file(const std::string& straggler) {
  const std::string_view kTrace = "trace:";
  const std::size_t at = straggler.find(kTrace);
  if (at == straggler.npos) return {};
  const std::size_t begin = at + kTrace.size();
  return straggler.substr(begin, straggler.find('+', begin) - begin);
}

using Parts = std::map<std::string, std::string>;  // sorted, so that the order of options is none

// The file of an option of a protocol or a method that is given as file:PATH.
std::string named_file(std::string_view name, const boost::json::value& value) {
  constexpr std::string_view kFile = "file:";
  if (find_option(name) || !value.is_string()) return {};
  const std::string_view text = value.get_string();
  return text.starts_with(kFile) ? std::string(text.substr(kFile.size())) : std::string();
}

// The file's checksum in the place of its path, `path`, wherever that stands in `value`.
void name_by_content(std::string& value, const std::string& path) {
  if (path.empty()) return;
  const std::size_t at = value.find(path);
  if (at != value.npos) value.replace(at, path.size(), sha256_of(path));
}

Parts parts_of(const RunConfig& config) {
  Parts parts;
  const boost::json::object configuration = shown_configuration(config);
  for (const auto& [name, value] : configuration) {
    if (!decides_results(name)) continue;
    std::string text = json_text(value);
    if (is_as_before(name, text)) continue;
    if (name == "protocol") name_by_content(text, config.protocol.plugin);
    if (name == "method") name_by_content(text, config.method.plugin);
    name_by_content(text, named_file(name, value));
    if (name == "straggler") name_by_content(text, traced_file(config.fleet.straggler));
    parts[name] = std::move(text);
  }
  // Of a fleet model, its constants; most are options.
  if (parts.erase("fleet-model") > 0) parts["work_price"] = json_text(work_price_json(config));
  return parts;
}

}  // namespace

bool decides_results(std::string_view name) {
  const RunOption* option = find_option(name);
  if (!option) return true;  // of a protocol or a method
  if (option->group == group::kOutput) return name == "resume";
  return std::find(kPlaces.begin(), kPlaces.end(), name) == kPlaces.end();
}

std::string cell_id(const RunConfig& config, std::string_view data) {
  Parts parts = parts_of(config);
  parts["data sha256"] = data;
  parts["numeric revision"] = std::to_string(kNumericRevision);
  parts["schema"] = std::to_string(kRunSchema);
  Digest digest;
  for (const auto& [name, value] : parts) {
    digest.add(name.data(), name.size());
    digest.add(value.data(), value.size());
  }
  return to_hex(digest.value());
}

std::string data_sha256(const RunConfig& config) {
  if (config.problem.data.empty()) return {};
  return sha256_of(data_file(config.problem.data));
}

}  // namespace laggard
