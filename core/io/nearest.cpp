#include "core/io/nearest.hpp"

#include <algorithm>
#include <vector>

namespace laggard {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

namespace {

// Fewer letters are the beginning of anything.
constexpr std::size_t kLeastPrefix = 3;

const std::string* shortest_beginning_with(std::string_view text,
                                           std::span<const std::string> names) {
  const std::string* shortest = nullptr;
  for (const std::string& name : names) {
    if (text.size() < kLeastPrefix || !name.starts_with(text)) continue;
    if (!shortest || name.size() < shortest->size()) shortest = &name;
  }
  return shortest;
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view text, std::span<const std::string> names) {
  if (const std::string* whole = shortest_beginning_with(text, names)) return *whole;
  const std::string* nearest = nullptr;
  std::size_t least = std::max<std::size_t>(1, text.size() / 3) + 1;
  for (const std::string& name : names) {
    const std::size_t distance = edit_distance(text, name);
    if (distance >= least) continue;
    least = distance;
    nearest = &name;
  }
  if (!nearest) return std::nullopt;
  return *nearest;
}

}  // namespace laggard
