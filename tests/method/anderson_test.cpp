// Anderson acceleration against what it must do on a linear map.                 [math 2.8]
#include "methods/admm/anderson.hpp"
#include "core/io/error.hpp"
#include "core/task/types.hpp"

#include <Eigen/QR>

#include <gtest/gtest.h>

#include <random>

namespace laggard {
namespace {

struct Linear {  // T(s) = M s + b, a contraction
  Eigen::MatrixXd m;
  Vector b;
  Vector operator()(const Vector& s) const { return m * s + b; }
  Vector fixed_point() const {
    return (Eigen::MatrixXd::Identity(b.size(), b.size()) - m).colPivHouseholderQr().solve(b);
  }
};

Linear slow_map(int d, double slowest = 0.999) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  const Eigen::MatrixXd a = Eigen::MatrixXd::NullaryExpr(d, d, [&] { return normal(random); });
  const Eigen::MatrixXd q = a.householderQr().householderQ();
  const Vector rates = Vector::LinSpaced(d, 0.3, slowest);
  const Vector b = Vector::NullaryExpr(d, [&](Eigen::Index) { return normal(random); });
  return {q * rates.asDiagonal() * q.transpose(), b};
}

// The distance from the fixed point after `steps` applications of the map.
double distance_after(const Linear& map, int memory, int steps) {
  Anderson anderson(memory);
  std::vector<Vector> image(static_cast<std::size_t>(anderson.places())), step = image;
  Vector s = Vector::Zero(map.b.size());
  for (int k = 0; k < steps; ++k) {
    const auto place = static_cast<std::size_t>(anderson.next());
    image[place] = map(s);
    step[place] = image[place] - s;
    const bool better = anderson.add(
        [&](int other) { return step[place].dot(step[static_cast<std::size_t>(other)]); });
    if (!better) {
      s = image[place];
      continue;
    }
    double sum = 0;
    s.setZero();
    for (std::size_t i = 0; i < image.size(); ++i) {
      const double weight = anderson.weights()[i];
      if (weight != 0) s += weight * image[i];
      sum += weight;
    }
    EXPECT_NEAR(sum, 1, 1e-9);
  }
  return (s - map.fixed_point()).norm();
}

TEST(Anderson, WithoutMemoryIsThePlainIteration) {
  const Linear map = slow_map(6);
  Vector s = Vector::Zero(6);
  for (int k = 0; k < 30; ++k) s = map(s);
  EXPECT_EQ(distance_after(map, 0, 30), (s - map.fixed_point()).norm());
}

// With a memory as long as the space has dimensions it is GMRES, which is exact after d steps.
TEST(Anderson, WithFullMemoryEndsALinearIterationInAsManyStepsAsItHasDimensions) {
  for (const int d : {2, 4, 6}) EXPECT_LE(distance_after(slow_map(d, 0.8), d, d + 2), 1e-4) << d;
}

TEST(Anderson, WithAShortMemoryIsFarFasterThanThePlainIteration) {
  const Linear map = slow_map(40, 0.99);
  EXPECT_LE(distance_after(map, 5, 120), 0.01 * distance_after(map, 0, 120));
}

// A residual that grows ends the memory, so a map that stretches here and there does no harm.
TEST(Anderson, ForgetsWhereTheResidualGrows) {
  Anderson anderson(3);
  const auto product = [](std::vector<double> of) {
    return [of](int i) { return of[static_cast<std::size_t>(i)]; };
  };
  EXPECT_FALSE(anderson.add(product({1})));
  EXPECT_TRUE(anderson.add(product({0.5, 0.9})));
  EXPECT_FALSE(anderson.add(product({0.1, 0.1, 100})));
  EXPECT_TRUE(anderson.add(product({0, 0, 5, 50}))) << "it has begun anew";
  EXPECT_EQ(anderson.weights()[0], 0);
  EXPECT_EQ(anderson.weights()[1], 0);
}

TEST(Anderson, DamagedStateIsRefused) {
  Anderson anderson(2);
  StateArchive written;
  anderson.persist(written);
  std::string bytes = written.take();
  bytes[bytes.size() - 16] = 100;  // how many points it knows
  StateArchive damaged(bytes);
  EXPECT_THROW(anderson.persist(damaged), Error);
}

}  // namespace
}  // namespace laggard
