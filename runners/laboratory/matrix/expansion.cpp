#include "runners/laboratory/matrix/expansion.hpp"

#include "core/io/error.hpp"
#include "core/io/nearest.hpp"
#include "runners/laboratory/matrix/expression.hpp"
#include "runners/laboratory/results/filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace laggard {
namespace {

constexpr std::int64_t kMostCells = 1'000'000;

const Setting* setting_of(std::span<const Setting> settings, std::string_view name) {
  const auto found = std::ranges::find(settings, name, &Setting::name);
  return found == settings.end() ? nullptr : &*found;
}

bool sets(const MatrixAxis& axis, std::string_view option) {
  return std::ranges::any_of(axis.values, [&](const SettingBundle& value) {
    return std::ranges::find(value, option, &Setting::name) != value.end();
  });
}

// The numbers in the values of one cell.
class CellNumbers {
 public:
  CellNumbers(const MatrixFile& matrix, const RunRules& rules, const SettingBundle& given)
      : matrix_(matrix), rules_(rules), given_(given) {
    if (const PlacedSetting* protocol = given_named("protocol")) protocol_ = protocol->value;
    if (const PlacedSetting* method = given_named("method")) method_ = method->value;
  }

  // The settings, expressions replaced by their values.
  std::vector<Setting> worked_out() {
    std::vector<Setting> all;
    all.reserve(given_.size());
    for (const PlacedSetting& setting : given_) {
      all.push_back(setting);
      if (!is_expression(setting)) continue;
      all.back().value = number_text(setting.name, value_of(setting));
      all.back().what += fmt::format(": {}", setting.value);
      all.back().kind = Setting::Kind::number;
    }
    return all;
  }

 private:
  // A text in the place of a number, unless it may be a word such as none.
  bool is_expression(const PlacedSetting& setting) const {
    if (setting.kind != Setting::Kind::text || spelt_number(setting.value)) return false;
    if (kind_of(setting.name) == NumberKind::none) return false;
    const bool is_word = std::ranges::all_of(
        setting.value, [](char c) { return (c >= 'a' && c <= 'z') || c == '-' || c == '_'; });
    return !is_word || given_named(setting.value);
  }
  NumberKind kind_of(std::string_view option) const {
    return rules_.number_kind(option, protocol_, method_);
  }

  const PlacedSetting* given_named(std::string_view name) const {
    const auto found = std::ranges::find(given_, name, &Setting::name);
    return found == given_.end() ? nullptr : &*found;
  }

  std::string number_text(std::string_view option, double value) const {
    return fmt::format("{}", kind_of(option) == NumberKind::integer ? std::floor(value) : value);
  }

  double value_of(const PlacedSetting& setting) {
    if (std::ranges::find(open_, setting.name) != open_.end())
      throw Error(fmt::format("{}: {}: depends on itself; expected a number at the end",
                              setting.what, setting.value));
    open_.push_back(setting.name);
    try {
      const double value =
          evaluate(setting.value, [&](std::string_view name) { return number_named(name); });
      open_.pop_back();
      return value;
    } catch (const ExpressionFault& fault) {
      // The expression stands behind its quotation mark.
      JsonPlace place = setting.place;
      place.column += 1 + static_cast<int>(fault.at);
      throw Error(fmt::format("{}{}: {}: {}", matrix_.at(place), setting.name, setting.value,
                              fault.message));
    }
  }

  std::optional<double> number_named(std::string_view name) {
    if (name == "W") name = "workers";
    if (name == "P") name = "shards";
    if (const PlacedSetting* setting = given_named(name)) {
      if (!is_expression(*setting)) return spelt_number(setting->value);
      const double value = value_of(*setting);
      return spelt_number(number_text(name, value));
    }
    const std::optional<std::string> value = rules_.value_in_force(name, plain());
    return value ? spelt_number(*value) : std::nullopt;
  }

  // What is worked out without any expression.
  std::vector<Setting> plain() const {
    std::vector<Setting> all(given_.begin(), given_.end());
    for (const PlacedSetting& setting : given_) {
      if (is_expression(setting))
        std::erase_if(all, [&](const Setting& s) { return s.name == setting.name; });
    }
    return all;
  }

  const MatrixFile& matrix_;
  const RunRules& rules_;
  const SettingBundle& given_;
  std::string_view protocol_, method_;
  std::vector<std::string> open_;  // options that are being worked out
};

// Numbers by what they are, 1e-6 as 0.000001; anything else by its letters.
bool same_value(std::string_view a, std::string_view b) {
  const std::optional<double> left = spelt_number(a), right = spelt_number(b);
  return a == b || (left && right && *left == *right);
}

class Expander {
 public:
  Expander(const MatrixFile& matrix, const RunRules& rules)
      : matrix_(matrix), rules_(rules), excludes_(matrix.exclude.size()) {}

  Expansion expand() {
    check_names();
    std::vector<int> at(matrix_.axes.size(), 0);
    order_axes();
    refuse_too_many();
    std::size_t block = 0;  // where it begins
    do {
      if (std::ranges::all_of(inner_, [&](std::size_t axis) { return at[axis] == 0; })) {
        sort_from(block);
        block = made_.cells.size();
      }
      add(at);
    } while (step(at));
    sort_from(block);
    refuse_equal();
    tell();
    return std::move(made_);
  }

 private:
  // The values of the option `protocol` are neighbours; without one all but the repeats are.
  void order_axes() {
    const auto is_inner = [&](const MatrixAxis& axis) { return sets(axis, "protocol"); };
    const bool any = std::ranges::any_of(matrix_.axes, is_inner);
    for (std::size_t i = 0; i < matrix_.axes.size(); ++i) {
      const MatrixAxis& axis = matrix_.axes[i];
      if (any ? is_inner(axis) : !axis.repeats) inner_.push_back(i);
    }
    const auto is_outer = [&](std::size_t i) {
      return std::ranges::find(inner_, i) == inner_.end();
    };
    for (const bool repeats : {true, false})
      for (std::size_t i = 0; i < matrix_.axes.size(); ++i)
        if (is_outer(i) && matrix_.axes[i].repeats == repeats) order_.push_back(i);
    order_.insert(order_.end(), inner_.begin(), inner_.end());
  }

  // The next of all combinations, the last of order_ fastest; false after the last.
  bool step(std::vector<int>& at) const {
    for (auto axis = order_.rbegin(); axis != order_.rend(); ++axis) {
      if (++at[*axis] < static_cast<int>(matrix_.axes[*axis].values.size())) return true;
      at[*axis] = 0;
    }
    return false;
  }

  void refuse_too_many() const {
    std::int64_t count = 1;
    for (const MatrixAxis& axis : matrix_.axes) {
      count *= static_cast<std::int64_t>(axis.values.size());
      if (count > kMostCells)
        throw Error(fmt::format("{}{}: more than {} cells; expected fewer values in the axes",
                                matrix_.at(axis.place), axis.name, kMostCells));
    }
  }

  std::vector<const SettingBundle*> bundles() const {
    std::vector<const SettingBundle*> all = {&matrix_.base};
    for (const MatrixAxis& axis : matrix_.axes)
      for (const SettingBundle& value : axis.values) all.push_back(&value);
    for (const MatrixExclusion& exclusion : matrix_.exclude) all.push_back(&exclusion.settings);
    return all;
  }

  void check_names() const {
    std::vector<Setting> owners;
    for (const SettingBundle* bundle : bundles()) {
      for (const PlacedSetting& setting : *bundle) {
        if (setting.name != "protocol" && setting.name != "method") continue;
        owners.push_back(setting);
        owners.back().value = rules_.located(setting, matrix_.folder());
      }
    }
    const std::vector<std::string> names = rules_.names(owners);
    for (const SettingBundle* bundle : bundles()) {
      for (const PlacedSetting& setting : *bundle) {
        rules_.refuse_unfit(setting);
        refuse_unknown(setting, names);
      }
    }
  }

  void refuse_unknown(const PlacedSetting& setting, const std::vector<std::string>& names) const {
    // As in protocol.tau.
    const std::string name = setting.name.substr(setting.name.find('.') + 1);
    if (std::ranges::find(names, name) != names.end()) return;
    const auto nearest = nearest_name(name, names);
    throw Error(
        fmt::format("{}{}: unknown option; {}", matrix_.at(setting.key), setting.name,
                    nearest ? fmt::format("did you mean {}?", *nearest) : "see runner --help all"));
  }

  SettingBundle combined(const std::vector<int>& at) const {
    SettingBundle all = matrix_.base;
    std::vector<std::string_view> by_axes;
    for (std::size_t i = 0; i < at.size(); ++i) {
      for (const PlacedSetting& setting : matrix_.axes[i].values[static_cast<std::size_t>(at[i])]) {
        if (std::ranges::find(by_axes, setting.name) != by_axes.end())
          throw Error(fmt::format("{}: another axis sets it too; expected one", setting.what));
        by_axes.push_back(setting.name);
        const auto same = std::ranges::find(all, setting.name, &Setting::name);
        if (same == all.end())
          all.push_back(setting);
        else
          *same = setting;
      }
    }
    return all;
  }

  void add(const std::vector<int>& at) {
    const SettingBundle given = combined(at);
    MatrixCell cell;
    cell.settings = CellNumbers(matrix_, rules_, given).worked_out();
    cell.at = at;
    if (is_excluded(cell.settings)) return;
    for (Setting& setting : cell.settings)
      setting.value = rules_.located(setting, matrix_.folder());
    try {
      const ResolvedRun run = rules_.resolve(cell.settings);
      cell.id = run.id;
      cell.real_time = run.real_time;
      cell.is_billed = run.is_billed;
    } catch (const FleetError&) {
      throw;
    } catch (const Error& error) {
      throw Error(placed(error.what(), cell));
    }
    made_.cells.push_back(std::move(cell));
  }

  // Errors name an option as the command line does, or the place that they were told.
  std::string placed(std::string_view message, const MatrixCell& cell) const {
    if (message.starts_with(matrix_.file + ":")) return std::string(message);
    if (message.starts_with("--")) {
      const std::string_view name = message.substr(2, message.find_first_of(": ") - 2);
      if (const Setting* setting = setting_of(cell.settings, name))
        return setting->what + std::string(message.substr(2 + name.size()));
    }
    const JsonPlace place = matrix_.axes.empty() ? JsonPlace{} : matrix_.axes.front().place;
    return fmt::format("{}cell {}: {}", matrix_.at(place), label(matrix_, cell), message);
  }

  bool is_excluded(std::span<const Setting> settings) {
    bool excluded = false;
    for (std::size_t i = 0; i < matrix_.exclude.size(); ++i) {
      if (!has_all(settings, matrix_.exclude[i].settings)) continue;
      excludes_[i] = excluded = true;
    }
    return excluded;
  }

  bool has_all(std::span<const Setting> settings, const SettingBundle& wanted) const {
    return std::ranges::all_of(wanted, [&](const PlacedSetting& each) {
      if (const Setting* given = setting_of(settings, each.name))
        return same_value(given->value, each.value);
      try {
        const std::optional<std::string> value = rules_.value_in_force(each.name, settings);
        return value && same_value(*value, each.value);
      } catch (const Error&) {
        return false;  // such a cell is refused when it is resolved
      }
    });
  }

  void sort_from(std::size_t begin) {
    std::sort(made_.cells.begin() + static_cast<std::ptrdiff_t>(begin), made_.cells.end(),
              [](const MatrixCell& a, const MatrixCell& b) { return a.id < b.id; });
  }

  void refuse_equal() const {
    std::unordered_map<std::string_view, const MatrixCell*> seen;
    for (const MatrixCell& cell : made_.cells) {
      const auto [first, is_new] = seen.emplace(cell.id, &cell);
      if (is_new) continue;
      const MatrixCell& other = *first->second;
      // The axis along which they differ, and the later of its two values.
      const auto axis =
          static_cast<std::size_t>(std::ranges::mismatch(cell.at, other.at).in1 - cell.at.begin());
      const auto value = static_cast<std::size_t>(std::max(cell.at[axis], other.at[axis]));
      throw Error(fmt::format("{}: cells {} and {} are the same run; expected cells that differ",
                              matrix_.axes[axis].values[value].front().what, label(matrix_, other),
                              label(matrix_, cell)));
    }
  }

  void tell() {
    if (made_.cells.empty())
      throw Error(fmt::format("{}: no cell is left; exclude takes all", matrix_.file));
    for (std::size_t i = 0; i < excludes_.size(); ++i) {
      if (!excludes_[i])
        made_.notices.push_back(
            fmt::format("{}exclude: no cell has that", matrix_.at(matrix_.exclude[i].place)));
    }
  }

  const MatrixFile& matrix_;
  const RunRules& rules_;
  std::vector<std::size_t> inner_, order_;  // axes
  std::vector<bool> excludes_;              // which exclusions have taken a cell
  Expansion made_;
};

}  // namespace

Expansion expand(const MatrixFile& matrix, const RunRules& rules) {
  return Expander(matrix, rules).expand();
}

std::string label(const MatrixFile& matrix, const MatrixCell& cell) {
  std::string text;
  for (std::size_t i = 0; i < matrix.axes.size(); ++i) {
    for (const PlacedSetting& setting :
         matrix.axes[i].values[static_cast<std::size_t>(cell.at[i])]) {
      const Setting* worked_out = setting_of(cell.settings, setting.name);
      const std::string& value = worked_out && setting.kind == Setting::Kind::text &&
                                         worked_out->kind == Setting::Kind::number
                                     ? worked_out->value
                                     : setting.value;
      text += fmt::format("{}{}={}", text.empty() ? "" : ",", setting.name, value);
    }
  }
  return text.empty() ? matrix.name : text;
}

}  // namespace laggard
