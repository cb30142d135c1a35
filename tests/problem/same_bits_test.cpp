// The bits of what reaches an iterate, which are those of every CPU and every compiler.
#include "core/io/error.hpp"
#include "core/problem/cholesky.hpp"
#include "core/problem/kernel.hpp"
#include "core/problem/loss.hpp"
#include "core/problem/synthetic.hpp"
#include "core/problem/vector_ops.hpp"
#include "core/task/elementary.hpp"
#include "core/task/random.hpp"
#include "tests/support/vector_widths.hpp"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <utility>
#include <vector>

namespace laggard {
namespace {

// As many that no number of lanes divides them.
Vector numbers(std::uint64_t which, int count = 1003, double range = 20) {
  Vector out(count);
  for (int i = 0; i < count; ++i)
    out[i] = range * (2 * uniform(which, Stream::code, static_cast<std::uint64_t>(i), 0) - 1);
  return out;
}

std::uint64_t digest(ConstSpan values) {
  return XXH3_64bits(values.data(), values.size() * sizeof(double));
}

std::vector<double> elementary_functions() {
  std::vector<double> out;
  const Vector x = numbers(1);
  for (const double value : x) {
    for (const double result :
         {elementary::exp(value), elementary::exp(50 * value), elementary::log(value * value),
          elementary::log1p(value * value), elementary::pow(value * value, -1.5),
          normal_quantile(0.5 + value / 41)})
      out.push_back(result);
  }
  return out;
}

std::vector<double> sums() {
  const Vector a = numbers(1), b = numbers(2);
  Vector c = numbers(3);
  add_scaled(view(c), 0.1, view(a));
  return {sum(view(a)), dot(view(a), view(b)), squared_distance(view(a), view(b)), norm(view(c))};
}

std::vector<double> losses() {
  std::vector<double> out;
  const Vector margin = numbers(1);
  Vector label = numbers(2);
  for (double& b : label) b = b > 0 ? 1 : -1;
  Vector first(margin.size()), second(margin.size());
  for (const char* spec : {"logistic", "squared", "huber:1", "squared_hinge"}) {
    const auto loss = make_loss(spec);
    out.push_back(loss->value(view(margin), view(std::as_const(label))));
    out.push_back(loss->derivative(view(margin), view(std::as_const(label)), view(first)));
    loss->curvature(view(margin), view(std::as_const(label)), view(second));
    out.push_back(loss->conjugate(view(std::as_const(first)), view(std::as_const(label))));
    out.insert(out.end(), first.begin(), first.end());
    out.insert(out.end(), second.begin(), second.end());
  }
  return out;
}

std::vector<double> sweeps() {
  const Dataset data = make_synthetic(parse_synthetic("n=301,d=57,density=0.3"), 1);
  const Rows rows{&data, 0, data.samples()};
  const Vector x = numbers(1, 57, 0.1), weight = numbers(2, 301, 1);
  Vector margin(301), image(301), sum = Vector::Zero(57);
  kernel::margins(rows, view(x), view(margin));
  kernel::add_transposed(rows, view(weight), view(sum));
  kernel::add_hessian_product(rows, view(weight), view(x), view(image), view(sum));
  std::vector<double> out(margin.begin(), margin.end());
  out.insert(out.end(), sum.begin(), sum.end());
  out.push_back(kernel::squared_norm_estimate(rows));
  return out;
}

std::vector<double> nearest_centres() {
  const Dataset data = make_synthetic(parse_synthetic("n=301,d=57,density=0.3"), 1);
  const Rows rows{&data, 0, data.samples()};
  std::vector<double> out;
  for (const int stride : {8, 24}) {
    const Vector table = numbers(1, 57 * stride, 0.1), offset = numbers(2, stride, 0.1);
    std::vector<std::uint32_t> which(301);
    std::vector<double> squared(301);
    kernel::nearest(rows, view(table), view(offset), which, squared);
    out.insert(out.end(), which.begin(), which.end());
    out.insert(out.end(), squared.begin(), squared.end());
  }
  return out;
}

std::vector<double> cholesky() {
  constexpr int kOrder = 67;
  const Vector x = numbers(1, kOrder);
  Eigen::MatrixXd a = 100 * Eigen::MatrixXd::Identity(kOrder, kOrder);
  for (int i = 0; i < kOrder; ++i)
    for (int j = 0; j < kOrder; ++j) a(i, j) += x[i] * x[j] + (i == j ? x[i] * x[i] : 0);
  Vector b = symmetric_product(a, x);
  Cholesky(a).solve(view(b));
  return {b.begin(), b.end()};
}

struct Computation {
  const char* name;
  std::vector<double> (*compute)();
  std::uint64_t expected;  // found once, on one machine
};

const std::vector<Computation> kComputations = {
    {"elementary functions", elementary_functions, 12861685581295293416u},
    {"sums", sums, 18318857240367165935u},
    {"losses", losses, 12226280993260759898u},
    {"sweeps", sweeps, 945511770631836153u},
    {"nearest centres", nearest_centres, 3276732291888832967u},
    {"cholesky", cholesky, 5661518397859763543u},
};

TEST(SameBits, AreThoseOfEveryWidthOfVectors) {
  testing::at_every_vector_width([] {
    for (const Computation& computation : kComputations) {
      const std::vector<double> values = computation.compute();
      EXPECT_EQ(digest(values), computation.expected) << computation.name;
    }
  });
}

TEST(SameBits, CholeskySolves) {
  const Vector x = numbers(1, 67);
  const std::vector<double> found = cholesky();
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], x[i], 1e-11);
}

TEST(SameBits, CholeskyTellsWhatIsNotPositiveDefinite) {
  Eigen::MatrixXd a = Eigen::MatrixXd::Identity(3, 3);
  a(2, 0) = 2;
  const Cholesky factor(a);
  EXPECT_FALSE(factor.positive_definite());
  Vector b = Vector::Ones(3);
  factor.solve(view(b));
  EXPECT_TRUE(b.array().isNaN().all());
}

}  // namespace
}  // namespace laggard
