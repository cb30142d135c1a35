#include "core/problem/synthetic.hpp"

#include "core/io/error.hpp"
#include "core/io/memory.hpp"
#include "core/task/random.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <bit>
#include <exception>
#include <span>
#include <thread>
#include <vector>

namespace laggard {
namespace {

// Where each kind of draw sits in the counters (a, b) of its stream:
//   synthetic_label  (n, 0)                  b_n
//   synthetic_row    (n, 0), (n, 1), ...     positions, as many words as they take
//   synthetic_row    (n, kValues + i/2)      entries i and i + 1 of row n, i even
//   synthetic_nu     (n, 0) by sample; (class, 1); (feature, 2); (n, kEntryNu + i) by entry
constexpr std::uint32_t kValues = 1u << 31;
constexpr std::uint32_t kSampleNu = 0;
constexpr std::uint32_t kClassNu = 1;
constexpr std::uint32_t kFeatureNu = 2;
constexpr std::uint32_t kEntryNu = 3;

// A set of columns that is emptied in sorted order. Memory: d bits, once a thread.
class ColumnSet {
 public:
  explicit ColumnSet(int columns) : words_((static_cast<std::size_t>(columns) + 63) / 64) {}

  // False if `column` is in the set already.
  bool insert(std::uint32_t column) {
    std::uint64_t& word = words_[column / 64];
    const std::uint64_t bit = std::uint64_t{1} << (column % 64);
    if (word & bit) return false;
    word |= bit;
    return true;
  }

  // Takes out `columns`, which are all that is in the set, and sorts them.
  void drain_sorted(std::span<std::uint32_t> columns) {
    constexpr std::size_t kWordsScannedPerColumnSorted = 8;
    if (words_.size() / kWordsScannedPerColumnSorted < columns.size()) {
      auto out = columns.begin();
      for (std::size_t i = 0; i < words_.size(); ++i) {
        for (; words_[i] != 0; words_[i] &= words_[i] - 1) {
          *out++ = static_cast<std::uint32_t>(64 * i) +
                   static_cast<std::uint32_t>(std::countr_zero(words_[i]));
        }
      }
      return;
    }
    for (const std::uint32_t column : columns) words_[column / 64] = 0;
    std::ranges::sort(columns);
  }

 private:
  std::vector<std::uint64_t> words_;
};

class Generator {
 public:
  Generator(const SyntheticSpec& spec, Dataset& data)
      : spec_(spec),
        data_(data),
        per_row_(static_cast<std::uint32_t>(spec.features_per_row())),
        class_nu_{uniform(spec.seed, Stream::synthetic_nu, 0, kClassNu),
                  uniform(spec.seed, Stream::synthetic_nu, 1, kClassNu)} {
    if (spec.nu != NuScope::feature) return;
    feature_nu_.resize(static_cast<std::size_t>(spec.features));
    for (std::size_t j = 0; j < feature_nu_.size(); ++j) {
      feature_nu_[j] = uniform(spec.seed, Stream::synthetic_nu, j, kFeatureNu);
    }
  }

  // Writes rows begin .. end - 1, and nothing else. sample_of(row): the sample that goes there.
  template <class SampleOf>
  void write(std::int64_t begin, std::int64_t end, SampleOf sample_of) const {
    ColumnSet chosen(spec_.features);
    for (std::int64_t row = begin; row < end; ++row) {
      const auto offset = row * static_cast<std::int64_t>(per_row_);
      const std::span column(data_.a.column.data() + offset, per_row_);
      const std::span value(data_.a.value.data() + offset, per_row_);
      const auto sample = static_cast<std::uint64_t>(sample_of(row));
      const bool positive = philox(spec_.seed, Stream::synthetic_label, sample, 0)[0] >> 31;
      choose_columns(sample, column, chosen);
      draw_values(sample, positive, column, value);
      data_.label[row] = positive ? 1 : -1;
      data_.a.row_start[row + 1] = offset + per_row_;
    }
  }

 private:
  // Floyd's sampling: every set of per_row_ columns is equally likely.
  void choose_columns(std::uint64_t n, std::span<std::uint32_t> column, ColumnSet& chosen) const {
    Draws draws(spec_.seed, Stream::synthetic_row, n);
    const auto features = static_cast<std::uint32_t>(spec_.features);
    std::uint32_t last = features - per_row_;
    for (std::uint32_t& c : column) {
      c = draws.below(last + 1);
      if (!chosen.insert(c)) {
        c = last;
        chosen.insert(c);
      }
      ++last;
    }
    chosen.drain_sorted(column);
  }

  void draw_values(std::uint64_t n, bool positive, std::span<const std::uint32_t> column,
                   std::span<double> value) const {
    const double sign = positive ? 1 : -1;
    double nu = 0;
    if (spec_.nu == NuScope::sample) nu = uniform(spec_.seed, Stream::synthetic_nu, n, kSampleNu);
    if (spec_.nu == NuScope::klass) nu = class_nu_[positive ? 1 : 0];
    std::array<std::uint32_t, 4> words{};
    for (std::uint32_t i = 0; i < per_row_; ++i) {
      if (i % 2 == 0) words = philox(spec_.seed, Stream::synthetic_row, n, kValues + i / 2);
      const double u = to_unit_interval(words[i % 2 * 2], words[i % 2 * 2 + 1]);
      if (spec_.nu == NuScope::feature) nu = feature_nu_[column[i]];
      if (spec_.nu == NuScope::entry) {
        nu = uniform(spec_.seed, Stream::synthetic_nu, n, kEntryNu + i);
      }
      value[i] = sign * nu + normal_quantile(u);
    }
  }

  const SyntheticSpec& spec_;
  Dataset& data_;
  std::uint32_t per_row_;
  std::array<double, 2> class_nu_;  // of the negative and the positive class
  std::vector<double> feature_nu_;  // d, only by feature
};

// An empty data set of `samples` rows, to be written by a Generator.
Dataset allocate(const SyntheticSpec& spec, std::int64_t samples, double bytes_per_feature) {
  Dataset data;
  data.name = "synthetic";
  data.identity = "synthetic:" + spec.text();
  data.a.columns = spec.features;
  const double nonzeros = static_cast<double>(samples) * spec.features_per_row();
  const double bytes = 12 * nonzeros + 16 * static_cast<double>(samples) +
                       bytes_per_feature * static_cast<double>(spec.features);
  if (const double memory = available_memory(); bytes > memory) {
    throw Error(fmt::format("--synthetic: {} takes {}; expected at most the {} of memory there is",
                            spec.text(), memory_text(bytes), memory_text(memory)));
  }
  const auto rows = static_cast<std::size_t>(samples);
  const auto entries = rows * static_cast<std::size_t>(spec.features_per_row());
  try {
    data.label.resize_for_overwrite(rows);
    data.a.row_start.resize_for_overwrite(rows + 1);
    data.a.column.resize_for_overwrite(entries);
    data.a.value.resize_for_overwrite(entries);
  } catch (const std::bad_alloc&) {
    throw Error(fmt::format("--synthetic: {} takes {}; expected a problem that fits into memory",
                            spec.text(), memory_text(bytes)));
  }
  data.a.row_start[0] = 0;
  return data;
}

}  // namespace

Dataset make_synthetic(const SyntheticSpec& spec, int threads, double bytes_per_feature) {
  LAGGARD_ASSERT(threads >= 1, fmt::format("threads = {}", threads));
  LAGGARD_ASSERT(spec.samples >= 1 && spec.features >= 1 && spec.density > 0 && spec.density <= 1,
                 spec.text());
  Dataset data = allocate(spec, spec.samples, bytes_per_feature);
  const Generator generator(spec, data);
  const auto same = [](std::int64_t row) { return row; };
  const auto part = [&](std::int64_t t) {
    return spec.samples / threads * t + spec.samples % threads * t / threads;
  };
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(threads));
  {
    std::vector<std::jthread> pool;
    for (int t = 1; t < threads; ++t) {
      pool.emplace_back([&, t] {
        try {
          generator.write(part(t), part(t + 1), same);
        } catch (...) {
          failures[static_cast<std::size_t>(t)] = std::current_exception();
        }
      });
    }
    generator.write(0, part(1), same);
  }
  for (const auto& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  return data;
}

Dataset make_synthetic_rows(const SyntheticSpec& spec, std::span<const std::int64_t> samples) {
  for (const std::int64_t n : samples)
    LAGGARD_ASSERT(0 <= n && n < spec.samples, fmt::format("sample {} of {}", n, spec.text()));
  const auto rows = static_cast<std::int64_t>(samples.size());
  Dataset data = allocate(spec, rows, 0);
  Generator(spec, data).write(0, rows, [&](std::int64_t row) {
    return samples[static_cast<std::size_t>(row)];
  });
  return data;
}

}  // namespace laggard
