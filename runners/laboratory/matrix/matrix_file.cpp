#include "runners/laboratory/matrix/matrix_file.hpp"

#include "core/io/error.hpp"
#include "core/io/nearest.hpp"
#include "runners/cli/config_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace laggard {
namespace {

using Kind = JsonNode::Kind;

const std::vector<std::string> kMatrixKeys = {"name", "base", "axes", "exclude", "repeat"};

class MatrixReader {
 public:
  explicit MatrixReader(MatrixFile& matrix) : matrix_(matrix) {}

  void read(const JsonNode& root) {
    expect(root, Kind::object, "", "an object with axes");
    for (const JsonMember& member : root.members) {
      const JsonNode& value = member.value;
      if (member.key == "name") {
        expect(value, Kind::text, "name", "a text");
        matrix_.name = value.text;
      } else if (member.key == "base") {
        expect(value, Kind::object, "base", "an object of options");
        matrix_.base = bundle(value);
      } else if (member.key == "axes" || member.key == "repeat") {
        read_axes(value, member.key);
      } else if (member.key == "exclude") {
        read_exclusions(value);
      } else {
        refuse_key(member);
      }
    }
    // Wherever `repeat` stands in the file.
    std::ranges::stable_partition(matrix_.axes, [](const auto& axis) { return !axis.repeats; });
    refuse_axes_of_one_name();
  }

 private:
  [[noreturn]] void refuse(JsonPlace place, std::string_view name, std::string_view why) const {
    throw Error(fmt::format("{}{}{}{}", matrix_.at(place), name, name.empty() ? "" : ": ", why));
  }

  void expect(const JsonNode& node, Kind kind, std::string_view name,
              std::string_view expected) const {
    if (!node.is(kind))
      refuse(node.place, name, fmt::format("{}; expected {}", describe(node.kind), expected));
  }

  [[noreturn]] void refuse_key(const JsonMember& member) const {
    const auto nearest = nearest_name(member.key, kMatrixKeys);
    refuse(member.place, member.key,
           fmt::format("unknown key; {}expected one of {}",
                       nearest ? fmt::format("did you mean {}? ", *nearest) : "",
                       fmt::join(kMatrixKeys, ", ")));
  }

  PlacedSetting setting(const std::string& name, JsonPlace key, const JsonNode& value) const {
    if (!value.is_scalar())
      refuse(value.place, name,
             fmt::format("{}; expected a number, a text, true or false", describe(value.kind)));
    PlacedSetting made;
    made.name = name;
    made.value = value.text;
    made.what = matrix_.at(value.place) + name;
    made.kind = value.is(Kind::text)     ? Setting::Kind::text
                : value.is(Kind::number) ? Setting::Kind::number
                                         : Setting::Kind::boolean;
    made.key = key;
    made.place = value.place;
    return made;
  }

  SettingBundle bundle(const JsonNode& object) const {
    SettingBundle all;
    for (const JsonMember& member : object.members)
      all.push_back(setting(member.key, member.place, member.value));
    return all;
  }

  void read_axes(const JsonNode& node, const std::string& key) {
    expect(node, Kind::object, key, "an object of lists");
    for (const JsonMember& member : node.members) {
      expect(member.value, Kind::array, member.key, "an array of values");
      if (member.value.elements.empty())
        refuse(member.value.place, member.key, "an empty list; expected at least one value");
      MatrixAxis axis{member.key, member.place, {}, key == "repeat"};
      for (const JsonNode& value : member.value.elements) {
        if (value.is(Kind::object) && value.members.empty())
          refuse(value.place, member.key, "an empty object; expected options");
        axis.values.push_back(value.is(Kind::object)
                                  ? bundle(value)
                                  : SettingBundle{setting(member.key, member.place, value)});
      }
      matrix_.axes.push_back(std::move(axis));
    }
  }

  void read_exclusions(const JsonNode& node) {
    expect(node, Kind::array, "exclude", "an array of objects");
    for (const JsonNode& element : node.elements) {
      expect(element, Kind::object, "exclude", "an object of options");
      if (element.members.empty())
        refuse(element.place, "exclude", "an empty object; expected options");
      matrix_.exclude.push_back({bundle(element), element.place});
    }
  }

  void refuse_axes_of_one_name() const {
    for (std::size_t i = 0; i < matrix_.axes.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (matrix_.axes[i].name == matrix_.axes[j].name)
          refuse(matrix_.axes[i].place, matrix_.axes[i].name,
                 fmt::format("given twice, in axes and in repeat; expected it in one of them"));
      }
    }
  }

  MatrixFile& matrix_;
};

}  // namespace

std::string MatrixFile::at(JsonPlace place) const {
  return fmt::format("{}:{}:{}: ", file, place.line, place.column);
}

MatrixFile parse_matrix(std::string text, const std::string& file) {
  MatrixFile matrix;
  matrix.file = file;
  matrix.name = std::filesystem::path(file).stem().string();
  const JsonNode root = parse_json_tree(text, file);
  MatrixReader(matrix).read(root);
  matrix.text = std::move(text);
  return matrix;
}

MatrixFile read_matrix(const std::string& file) {
  return parse_matrix(read_whole(file, "matrix"), file);
}

}  // namespace laggard
