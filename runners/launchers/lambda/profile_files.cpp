#include "runners/launchers/lambda/profile_files.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <string_view>

namespace laggard {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// Of "[default]" or "[profile NAME]" (config) or "[NAME]" (credentials).
std::string section_name(std::string_view line) {
  const std::size_t end = line.find(']');
  std::string_view name = trimmed(line.substr(1, end == line.npos ? line.npos : end - 1));
  if (name.starts_with("profile ")) name = trimmed(name.substr(8));
  return std::string(name);
}

// Adds what the file says of the profile; values that are there already stay.
void read_file(const std::string& file, Profile& profile) {
  std::ifstream in(file);
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    const bool nested = !line.empty() && (line[0] == ' ' || line[0] == '\t');  // of "s3 =" and such
    const std::string_view text = trimmed(line);
    if (text.empty() || text[0] == '#' || text[0] == ';') continue;
    if (text[0] == '[') {
      inside = section_name(text) == profile.name;
      profile.found = profile.found || inside;
      continue;
    }
    const std::size_t equals = text.find('=');
    if (!inside || nested || equals == text.npos) continue;
    profile.values.try_emplace(lower_case(trimmed(text.substr(0, equals))),
                               trimmed(text.substr(equals + 1)));
  }
}

}  // namespace

std::string Profile::value(const std::string& key) const {
  const auto at = values.find(key);
  return at == values.end() ? "" : at->second.reveal();
}

Profile read_profile(const EnvironmentVariables& environment) {
  Profile profile;
  const auto chosen = environment("AWS_PROFILE");
  profile.chosen = chosen.has_value();
  profile.name = chosen.value_or(environment("AWS_DEFAULT_PROFILE").value_or("default"));
  const std::string folder = environment("HOME").value_or("") + "/.aws/";
  profile.credentials_file =
      environment("AWS_SHARED_CREDENTIALS_FILE").value_or(folder + "credentials");
  profile.config_file = environment("AWS_CONFIG_FILE").value_or(folder + "config");
  read_file(profile.credentials_file, profile);
  read_file(profile.config_file, profile);
  return profile;
}

}  // namespace laggard
