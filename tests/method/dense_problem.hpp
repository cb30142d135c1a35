// A problem with its matrix in full, for textbook methods that know nothing of shards.
#pragma once

#include "core/problem/problem.hpp"
#include "core/problem/svmlight.hpp"

#include <Eigen/Core>

#include <cmath>
#include <string>

namespace laggard::testing {

inline Problem load(const std::string& name, int shards, const std::string& loss,
                    const std::string& regularizer) {
  Problem problem;
  problem.loss = make_loss(loss);
  problem.regularizer = make_regularizer(regularizer);
  problem.shards = shards;
  ReadOptions options;
  options.classification = problem.loss->is_classification();
  problem.data = std::make_shared<Dataset>(
      read_svmlight(std::string(LAGGARD_DATA_DIR) + "/" + name + ".svm.gz", options));
  return problem;
}

struct Dense {
  Eigen::MatrixXd a;  // N x d
  Vector b;           // N
  bool logistic;      // or squared

  explicit Dense(const Problem& problem) : logistic(problem.loss->spec() == "logistic") {
    const Csr& csr = problem.data->a;
    a = Eigen::MatrixXd::Zero(csr.rows(), csr.columns);
    for (std::int64_t n = 0; n < csr.rows(); ++n)
      for (std::int64_t i = csr.row_start[n]; i < csr.row_start[n + 1]; ++i)
        a(n, csr.column[i]) = csr.value[i];
    b = Eigen::Map<const Vector>(problem.data->label.data(), csr.rows());
  }

  // grad F(x).
  Vector gradient(const Vector& x) const {
    Vector slope = a * x;
    for (Eigen::Index n = 0; n < slope.size(); ++n)
      slope[n] = logistic ? -b[n] / (1 + std::exp(b[n] * slope[n])) : slope[n] - b[n];
    return a.transpose() * slope;
  }
};

inline Vector soft_threshold(const Vector& v, double k) {
  return v.array().sign() * (v.array().abs() - k).max(0.0);
}

}  // namespace laggard::testing
