// The files that AWS tools share: ~/.aws/credentials and ~/.aws/config.
#pragma once

#include "runners/launchers/lambda/credentials.hpp"

#include <map>
#include <string>

namespace laggard {

// What the two files say of the profile of AWS_PROFILE (or AWS_DEFAULT_PROFILE, or "default"); keys
// in lower case; the credentials file wins.
struct Profile {
  std::string name;
  bool chosen = false;  // by AWS_PROFILE, so that it has to be there
  bool found = false;
  std::string credentials_file, config_file;  // where it looked
  std::map<std::string, Secret> values;

  std::string value(const std::string& key) const;  // empty: none
};

Profile read_profile(const EnvironmentVariables& environment);

}  // namespace laggard
