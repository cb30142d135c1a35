// Small random problems, and their matrix in full for oracles that know nothing of sparse rows.
#pragma once

#include "core/problem/problem.hpp"
#include "core/problem/vector_ops.hpp"

#include <Eigen/Core>

#include <cmath>
#include <memory>
#include <random>
#include <string>

namespace laggard {

// A number from [-1, 1) that depends on the generator alone, not on the library.
inline double draw(std::mt19937_64& random) {
  return std::ldexp(static_cast<double>(random() >> 11), -52) - 1;
}

inline Vector draw_vector(std::mt19937_64& random, Eigen::Index size, double scale = 1) {
  Vector v(size);
  for (double& entry : v) entry = scale * draw(random);
  return v;
}

// d numbers that the seed alone decides.
inline Vector noise(int d, unsigned seed) {
  std::mt19937 generator(seed);
  return Vector::NullaryExpr(d, [&](Eigen::Index) { return double(generator()) / 2e9 - 1; });
}

// rows x columns with about `density` of the entries; labels -1 and +1. Some rows are empty.
inline std::shared_ptr<Dataset> small_data(int rows, int columns, double density, unsigned seed) {
  std::mt19937_64 random(seed);
  auto data = std::make_shared<Dataset>();
  data->name = "small";
  data->identity = "small:" + std::to_string(seed);
  data->a.columns = columns;
  data->a.row_start.push_back(0);
  for (int n = 0; n < rows; ++n) {
    for (int j = 0; j < columns; ++j) {
      if (0.5 * (draw(random) + 1) >= density) continue;
      data->a.column.push_back(static_cast<std::uint32_t>(j));
      data->a.value.push_back(draw(random));
    }
    data->a.row_start.push_back(data->a.nonzeros());
    data->label.push_back(draw(random) < 0 ? -1 : 1);
  }
  return data;
}

inline Eigen::MatrixXd dense(const Rows& rows) {
  const Csr& a = rows.data->a;
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(rows.count(), a.columns);
  for (std::int64_t n = rows.begin; n < rows.end; ++n) {
    for (std::int64_t i = a.row_start[n]; i < a.row_start[n + 1]; ++i) {
      out(n - rows.begin, a.column[i]) = a.value[i];
    }
  }
  return out;
}

inline Vector labels_of(const Dataset& data) {
  return Eigen::Map<const Vector>(data.label.data(), data.samples());
}

inline Problem make_problem(std::shared_ptr<const Dataset> data, const std::string& loss,
                            const std::string& regularizer) {
  return {std::move(data), make_loss(loss), make_regularizer(regularizer), 1};
}

}  // namespace laggard
