#include "runners/laboratory/export/npz_file.hpp"

#include "core/io/atomic_file.hpp"
#include "core/io/error.hpp"
#include "core/io/zip.hpp"
#include "core/task/types.hpp"

#include <fmt/format.h>
#include <boost/locale/utf.hpp>

#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>
#include <unordered_map>

namespace laggard {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little);

// Of a field of a kind that is a number, which tables hold nothing else in.
template <class Number>
Number number_in(std::string_view field) {
  Number value{};
  const char* const end = field.data() + field.size();
  const auto [stop, error] = std::from_chars(field.data(), end, value);
  LAGGARD_ASSERT(error == std::errc() && stop == end, std::string(field));
  return value;
}

// As NumPy keeps it. What is no UTF-8 becomes the character for that.
std::u32string characters_of(std::string_view text) {
  using Utf8 = boost::locale::utf::utf_traits<char>;
  constexpr char32_t kUnknown = 0xfffd;
  std::u32string characters;
  for (const char *at = text.data(), *const end = at + text.size(); at != end;) {
    const char* const begin = at;
    const boost::locale::utf::code_point point = Utf8::decode(at, end);
    const bool is_one =
        point != boost::locale::utf::illegal && point != boost::locale::utf::incomplete;
    if (!is_one) at = begin + 1;
    characters += is_one ? static_cast<char32_t>(point) : kUnknown;
  }
  return characters;
}

template <class Value>
std::string_view bytes_of(const Value* values, std::size_t count) {
  return {reinterpret_cast<const char*>(values), count * sizeof(Value)};
}

// A column while its rows come.
class NpzColumn {
 public:
  explicit NpzColumn(const TableColumn& column) : column_(column) {}

  void add(std::string_view field) {
    ++count_;
    any_unknown_ = any_unknown_ || field.empty();
    if (column_.kind == FieldKind::integer)
      integers_.push_back(field.empty() ? kUnknown : number_in<std::int64_t>(field));
    else if (column_.kind == FieldKind::real)
      reals_.push_back(field.empty() ? kNaN : number_in<double>(field));
    else
      add_text(field);
  }

  void write(ZipWriter& zip, const std::string& table) const {
    zip.begin(fmt::format("{}.{}.npy", table, column_.name));
    if (column_.kind == FieldKind::integer && !any_unknown_) {
      zip.write(header("<i8"));
      zip.write(bytes_of(integers_.data(), integers_.size()));
    } else if (column_.kind == FieldKind::integer) {
      zip.write(header("<f8"));
      for (const std::int64_t value : integers_) {
        const double real = value == kUnknown ? kNaN : static_cast<double>(value);
        zip.write(bytes_of(&real, 1));
      }
    } else if (column_.kind == FieldKind::real) {
      zip.write(header("<f8"));
      zip.write(bytes_of(reals_.data(), reals_.size()));
    } else if (column_.kind == FieldKind::boolean && !any_unknown_) {
      zip.write(header("|b1"));
      for (const std::uint32_t code : codes_) zip.write(*texts_[code] == "true" ? "\1" : kFalse);
    } else {
      write_texts(zip);
    }
    zip.end();
  }

 private:
  static constexpr std::string_view kFalse{"\0", 1};
  static constexpr std::int64_t kUnknown = std::numeric_limits<std::int64_t>::min();

  // Most texts come again and again.
  void add_text(std::string_view field) {
    if (!codes_.empty() && *texts_[codes_.back()] == field) {
      codes_.push_back(codes_.back());
      return;
    }
    const auto [at, is_new] = distinct_.emplace(field, texts_.size());
    if (is_new) texts_.push_back(&at->first);
    codes_.push_back(at->second);
  }

  void write_texts(ZipWriter& zip) const {
    std::vector<std::u32string> all;
    std::size_t width = 1;
    for (const std::string* text : texts_) {
      all.push_back(characters_of(*text));
      width = std::max(width, all.back().size());
    }
    for (std::u32string& text : all) text.resize(width);  // with zeros
    zip.write(header(fmt::format("<U{}", width)));
    for (const std::uint32_t code : codes_) zip.write(bytes_of(all[code].data(), width));
  }

  // Of the format NPY 1.0: what follows it begins at a multiple of 64 bytes.
  std::string header(std::string_view type) const {
    constexpr std::size_t kBefore = 10, kMultiple = 64;
    std::string text =
        fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({},), }}", type, count_);
    text.resize((kBefore + text.size() + kMultiple) / kMultiple * kMultiple - kBefore - 1, ' ');
    text += '\n';
    std::string all("\x93NUMPY\1\0", 8);
    all += static_cast<char>(text.size() & 0xff);
    all += static_cast<char>(text.size() >> 8);
    return all + text;
  }

  const TableColumn& column_;
  std::size_t count_ = 0;
  bool any_unknown_ = false;
  std::vector<std::int64_t> integers_;
  std::vector<double> reals_;
  std::unordered_map<std::string, std::uint32_t> distinct_;
  std::vector<const std::string*> texts_;  // by code
  std::vector<std::uint32_t> codes_;
};

}  // namespace

RowCounts write_npz(const std::vector<Table>& tables, const fs::path& file,
                    const std::string& what) {
  if (fs::is_directory(file))
    throw Error(fmt::format("{}: {}: is a folder; expected a FILE.npz", what, file.string()));
  AtomicFile out(file, what);
  ZipWriter zip([&](std::string_view bytes) { out.write(bytes); }, what);
  RowCounts counts;
  for (const Table& table : tables) {
    std::vector<NpzColumn> columns(table.columns.begin(), table.columns.end());
    std::size_t count = 0;
    table.rows([&](TableRow row) {
      for (std::size_t i = 0; i < row.size(); ++i) columns[i].add(row[i]);
      ++count;
    });
    for (const NpzColumn& column : columns) column.write(zip, table.name);
    counts.push_back(count);
  }
  zip.finish();
  out.publish();
  return counts;
}

}  // namespace laggard
