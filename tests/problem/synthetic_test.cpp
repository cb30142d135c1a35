#include "core/problem/synthetic.hpp"

#include "core/io/error.hpp"
#include "core/task/random.hpp"

#include <gtest/gtest.h>
#include <xxhash.h>
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace laggard {
namespace {

std::uint64_t digest(const Dataset& data) {
  XXH3_state_t* state = XXH3_createState();
  XXH3_64bits_reset(state);
  const auto add = [&](const auto& buffer) {
    XXH3_64bits_update(state, buffer.data(), buffer.size() * sizeof(*buffer.data()));
  };
  add(data.a.row_start);
  add(data.a.column);
  add(data.a.value);
  add(data.label);
  const std::uint64_t hash = XXH3_64bits_digest(state);
  XXH3_freeState(state);
  return hash;
}

Dataset make(std::string_view text, int threads = 1) {
  return make_synthetic(parse_synthetic(text), threads);
}

std::string error_of(std::string_view text) {
  try {
    parse_synthetic(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// What the value would be with nu = 0.
double noise(const SyntheticSpec& spec, std::int64_t n, std::uint32_t i) {
  const auto words =
      philox(spec.seed, Stream::synthetic_row, static_cast<std::uint64_t>(n), (1u << 31) + i / 2);
  return normal_quantile(to_unit_interval(words[i % 2 * 2], words[i % 2 * 2 + 1]));
}

// The same bits on every platform, compiler and number of threads.
TEST(Synthetic, InstancesAreTheSameBitsEverywhere) {
  EXPECT_EQ(digest(make("n=1000,d=500,density=0.02,nu=sample,seed=1")), 8832173552873428956u);
  EXPECT_EQ(digest(make("n=1000,d=500,density=0.02,nu=class,seed=2")), 9871588617352121630u);
  EXPECT_EQ(digest(make("n=1000,d=70,density=0.9,nu=feature,seed=3")), 9452251521743779879u);
  EXPECT_EQ(digest(make("n=1000,d=100000,density=0.0001,nu=entry,seed=123456789012345")),
            1317092966841216418u);
}

TEST(Synthetic, TheNumberOfThreadsDoesNotMatter) {
  for (const char* nu : {"sample", "class", "feature", "entry"}) {
    const std::string spec = std::string("n=101,d=200,density=0.1,seed=5,nu=") + nu;
    const std::uint64_t expected = digest(make(spec, 1));
    for (const int threads : {2, 3, 7, 150}) EXPECT_EQ(digest(make(spec, threads)), expected);
  }
}

TEST(Synthetic, SampleDoesNotDependOnHowManyThereAre) {
  const Dataset few = make("n=100,d=300,density=0.05");
  const Dataset many = make("n=1000,d=300,density=0.05", 3);
  EXPECT_TRUE(std::equal(few.label.begin(), few.label.end(), many.label.begin()));
  EXPECT_TRUE(std::equal(few.a.row_start.begin(), few.a.row_start.end(), many.a.row_start.begin()));
  EXPECT_TRUE(std::equal(few.a.column.begin(), few.a.column.end(), many.a.column.begin()));
  EXPECT_TRUE(std::equal(few.a.value.begin(), few.a.value.end(), many.a.value.begin()));
}

TEST(Synthetic, SomeRowsAloneAreThoseOfTheWhole) {
  SyntheticSpec spec;
  spec.samples = 50;
  spec.features = 30;
  spec.density = 0.2;
  for (const NuScope nu : {NuScope::sample, NuScope::klass, NuScope::feature, NuScope::entry}) {
    spec.nu = nu;
    const Dataset whole = make_synthetic(spec, 1);
    const std::vector<std::int64_t> samples = {49, 0, 7, 8, 7};
    const Dataset some = make_synthetic_rows(spec, samples);
    ASSERT_EQ(some.samples(), 5);
    EXPECT_EQ(some.identity, whole.identity);
    for (std::int64_t row = 0; row < 5; ++row) {
      const std::int64_t n = samples[static_cast<std::size_t>(row)];
      const std::int64_t at = whole.a.row_start[n], size = whole.a.row_start[n + 1] - at;
      EXPECT_EQ(some.label[row], whole.label[n]);
      ASSERT_EQ(some.a.row_start[row + 1] - some.a.row_start[row], size);
      for (std::int64_t k = 0; k < size; ++k) {
        EXPECT_EQ(some.a.column[some.a.row_start[row] + k], whole.a.column[at + k]);
        EXPECT_EQ(some.a.value[some.a.row_start[row] + k], whole.a.value[at + k]);
      }
    }
  }
  EXPECT_EQ(make_synthetic_rows(spec, {}).samples(), 0);
}

TEST(Synthetic, RowsHaveTheRoundedNumberOfDistinctSortedColumns) {
  struct Case {
    const char* spec;
    int per_row;
  };
  for (const auto& [spec, per_row] : {Case{"n=200,d=100,density=0.1", 10},
                                      {"n=200,d=100,density=0.104", 10},
                                      {"n=200,d=100,density=0.105", 11},
                                      {"n=200,d=100,density=1e-9", 1},
                                      {"n=50,d=100,density=1", 100},
                                      {"n=5,d=1,density=0.3", 1},
                                      {"n=200,d=100000,density=0.0001", 10},
                                      {"n=50,d=65,density=0.99", 64}}) {
    SCOPED_TRACE(spec);
    const Dataset data = make(spec, 2);
    for (std::int64_t n = 0; n < data.samples(); ++n) {
      ASSERT_EQ(data.a.row_start[n + 1] - data.a.row_start[n], per_row);
      const std::uint32_t* row = data.a.column.data() + data.a.row_start[n];
      ASSERT_TRUE(std::adjacent_find(row, row + per_row, std::greater_equal<>()) == row + per_row);
      ASSERT_LT(row[per_row - 1], static_cast<std::uint32_t>(data.features()));
    }
  }
}

// Each column is hit by a binomial number of rows; with columns of a row drawn without replacement
// the statistic, divided by 1 - density, is chi-square with d - 1 = 199 degrees of freedom.
TEST(Synthetic, PositionsAreUniform) {
  const Dataset data = make("n=20000,d=200,density=0.1,seed=4");
  std::vector<double> count(200);
  for (const std::uint32_t column : data.a.column) ++count[column];
  double chi_square = 0;
  for (const double c : count) chi_square += (c - 2000) * (c - 2000) / 2000 / 0.9;
  EXPECT_LT(chi_square, 199 + 4 * std::sqrt(2 * 199.0));
  EXPECT_GT(chi_square, 199 - 4 * std::sqrt(2 * 199.0));
}

TEST(Synthetic, LabelsAreBalanced) {
  const Dataset data = make("n=40000,d=10,density=0.1,seed=6");
  const auto positive = std::ranges::count(data.label, 1.0);
  EXPECT_EQ(positive + std::ranges::count(data.label, -1.0), 40'000);
  EXPECT_NEAR(static_cast<double>(positive), 20'000, 4 * 100);
}

// Value times label is Normal(U, 1) with U uniform on [0, 1]: mean 1/2, variance 1 + 1/12.
TEST(Synthetic, ValuesHaveTheMomentsOfTheMixture) {
  const Dataset data = make("n=50000,d=100,density=0.1,nu=entry,seed=8", 2);
  const double count = static_cast<double>(data.a.nonzeros());
  double mean = 0;
  double square = 0;
  for (std::int64_t n = 0; n < data.samples(); ++n) {
    for (std::int64_t e = data.a.row_start[n]; e < data.a.row_start[n + 1]; ++e) {
      const double v = data.label[n] * data.a.value[e];
      mean += v / count;
      square += v * v / count;
    }
  }
  const double variance = 1 + 1.0 / 12;
  EXPECT_NEAR(mean, 0.5, 4 * std::sqrt(variance / count));
  EXPECT_NEAR(square - mean * mean, variance, 4 * std::sqrt(2.0 / count) * variance);
}

// Recovers nu by taking the noise off, and checks what shares it.
TEST(Synthetic, NuIsSharedByWhatItsScopeSays) {
  for (const char* nu : {"sample", "class", "feature", "entry"}) {
    SCOPED_TRACE(nu);
    const SyntheticSpec spec =
        parse_synthetic(std::string("n=300,d=40,density=0.5,seed=9,nu=") + nu);
    const Dataset data = make_synthetic(spec, 1);
    std::vector<double> seen;  // one nu of each group, labels taken off
    std::vector<double> first(1000, -1);
    for (std::int64_t n = 0; n < data.samples(); ++n) {
      for (std::int64_t e = data.a.row_start[n]; e < data.a.row_start[n + 1]; ++e) {
        const auto i = static_cast<std::uint32_t>(e - data.a.row_start[n]);
        const double value = data.label[n] * (data.a.value[e] - noise(spec, n, i));
        ASSERT_GT(value, -1e-12);
        ASSERT_LT(value, 1 + 1e-12);
        std::size_t group = 0;
        if (spec.nu == NuScope::sample) group = static_cast<std::size_t>(n);
        if (spec.nu == NuScope::klass) group = data.label[n] > 0;
        if (spec.nu == NuScope::feature) group = data.a.column[e];
        if (spec.nu == NuScope::entry || first[group] < -0.5) {
          first[group] = value;
          seen.push_back(value);
        }
        ASSERT_NEAR(first[group], value, 1e-12);
      }
    }
    const std::size_t groups = spec.nu == NuScope::sample    ? 300
                               : spec.nu == NuScope::klass   ? 2
                               : spec.nu == NuScope::feature ? 40
                                                             : 6000;
    ASSERT_EQ(seen.size(), groups);
    std::ranges::sort(seen);
    for (std::size_t i = 1; i < groups; ++i) EXPECT_GT(seen[i] - seen[i - 1], 1e-11);
    if (groups > 2) {
      EXPECT_NEAR(seen[groups / 2], 0.5, 3 / std::sqrt(static_cast<double>(groups)));
    }
  }
}

TEST(Synthetic, SeedsGiveDifferentData) {
  EXPECT_NE(digest(make("n=50,d=50,density=0.1,seed=1")),
            digest(make("n=50,d=50,density=0.1,seed=2")));
}

TEST(Synthetic, SpecIsReadAndWrittenBack) {
  EXPECT_EQ(parse_synthetic("").text(), "n=20000,d=500,density=0.02,nu=sample,seed=1");
  const char* full = "n=600000,d=10000,density=0.001,nu=class,seed=42";
  EXPECT_EQ(parse_synthetic(full).text(), full);
  EXPECT_EQ(parse_synthetic("seed=42,nu=class,density=1e-3,d=1e4,n=6e5").text(), full);
  const Dataset data = make("n=3,d=4,density=0.5");
  EXPECT_EQ(data.identity, "synthetic:n=3,d=4,density=0.5,nu=sample,seed=1");
  EXPECT_EQ(data.name, "synthetic");
  EXPECT_EQ(data.sha256, "");
}

TEST(Synthetic, BadSpecsNameKeyValueAndExpectation) {
  EXPECT_EQ(error_of("n=0"),
            "--synthetic: n: 0 is out of range; expected an integer from 1 to 2000000000");
  EXPECT_EQ(error_of("d=x"),
            "--synthetic: d: \"x\" is not an integer; expected an integer from 1 to 2147483646");
  EXPECT_EQ(error_of("density=0"),
            "--synthetic: density: 0 is out of range; expected a number above 0, at most 1");
  EXPECT_EQ(error_of("density=1.5"),
            "--synthetic: density: 1.5 is out of range; expected a number from 0 to 1");
  EXPECT_EQ(error_of("density=nan"),
            "--synthetic: density: \"nan\" is not a number; expected a number from 0 to 1");
  EXPECT_EQ(error_of("nu=row"),
            "--synthetic: nu: \"row\" is unknown; expected sample, class, feature or entry");
  EXPECT_EQ(error_of("seed=-1"),
            "--synthetic: seed: -1 is out of range; expected an integer of at least 0");
  EXPECT_EQ(error_of("m=1"),
            "--synthetic: unknown key \"m\"; expected one of n, d, density, nu, seed");
  EXPECT_EQ(error_of("n=1,d=2,n=1"), "--synthetic: key \"n\" is given twice; expected it once");
  EXPECT_EQ(error_of("n"),
            "--synthetic: \"n\"; expected key=value pairs, separated by commas, of n, d, density, "
            "nu, seed");
  EXPECT_EQ(error_of("n=5,"),
            "--synthetic: \"n=5,\"; expected key=value pairs, separated by commas, of n, d, "
            "density, nu, seed");
}

TEST(Synthetic, DataThatCannotFitIntoMemoryAreRefused) {
  const SyntheticSpec spec = parse_synthetic("n=2e9,d=2147483646,density=1");
  EXPECT_THROW(make_synthetic(spec, 1), Error);
}

// 2e15 bytes of vectors, though the matrix has 200 numbers.
TEST(Synthetic, VectorsThatDoNotFitIntoTheMemoryAreRefusedBeforeAnythingIsMade) {
  try {
    make_synthetic(parse_synthetic("n=100,d=2e9,density=1e-9"), 1, 1e6);
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(
        std::string(error.what())
            .starts_with("--synthetic: n=100,d=2000000000,density=1e-09,nu=sample,seed=1 takes "
                         "1862645.1 GiB; expected at most the "))
        << error.what();
  }
}

}  // namespace
}  // namespace laggard
