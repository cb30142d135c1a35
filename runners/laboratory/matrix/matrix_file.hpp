// The file of an experiment matrix: many runs, described by what they have in common and by axes.
#pragma once

#include "runners/cli/json_tree.hpp"
#include "runners/cli/setting.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// A setting that knows where its name and its value stand. Its `what` is that of the value,
// "FILE:LINE:COLUMN: NAME".
struct PlacedSetting : Setting {
  JsonPlace key;
  JsonPlace place;
};

// Options that are set together.
using SettingBundle = std::vector<PlacedSetting>;

struct MatrixAxis {
  std::string name;  // of an option; free where every value is an object
  JsonPlace place;
  std::vector<SettingBundle> values;  // at least one
  bool repeats = false;               // the cells along it differ by chance alone
};

struct MatrixExclusion {
  SettingBundle settings;  // a cell that has all of them is left out
  JsonPlace place;
};

struct MatrixFile {
  std::string file;  // as errors name it
  std::string text;
  std::string name;
  SettingBundle base;
  std::vector<MatrixAxis> axes;  // those of `repeat` last
  std::vector<MatrixExclusion> exclude;

  // "FILE:LINE:COLUMN: " for errors.
  std::string at(JsonPlace place) const;
  // Where paths in the file begin.
  std::filesystem::path folder() const { return std::filesystem::path(file).parent_path(); }
};

// Throws Error with file:line:column for what is not JSON or not the shape of a matrix. Names and
// values of options are not looked at.
MatrixFile parse_matrix(std::string text, const std::string& file);
MatrixFile read_matrix(const std::string& file);

}  // namespace laggard
