#include "core/reference/curvature.hpp"

#include "core/problem/cholesky.hpp"

#include <algorithm>

namespace laggard::reference {
namespace {

constexpr std::size_t kMaxDense = 1000;  // free coordinates that a Cholesky factor is taken of
constexpr double kMaxDenseCost = 2e9;    // operations that its matrix may take
constexpr int kMaxProbes = 64;           // products with the Hessian of h to learn its diagonal
constexpr int kMaxCgSteps = 500;

// Calls visit(row, column, value) for the entries of the Hessian of h at x over `free`, some of
// them 0. Vectors of ones that are a block apart show one column of every block at once.
template <class Visit>
void each_entry(const Regularizer& h, const Vector& x, const std::vector<int>& free,
                const Visit& visit) {
  const int block = std::min(h.hessian_block(), static_cast<int>(x.size()));
  Vector probe(x.size()), image(x.size());
  for (int shift = 0; shift < block; ++shift) {
    probe.setZero();
    image.setZero();
    for (int j : free) probe[j] = j % block == shift ? 1 : 0;
    h.add_hessian_product(view(x), view(probe), view(image));
    for (int j : free) visit(j, j / block * block + shift, image[j]);
  }
}

class DenseCurvature final : public Curvature {
 public:
  DenseCurvature(SmoothPart& smooth, const std::vector<int>& free, double damping)
      : h_(smooth.regularizer()), d_(smooth.features()), free_(free) {
    hessian_ = smooth.dense_hessian(free);
    hessian_.diagonal().array() += damping;
    hessian_.triangularView<Eigen::StrictlyUpper>() = hessian_.transpose();
    position_.assign(static_cast<std::size_t>(d_), -1);
    for (std::size_t i = 0; i < free.size(); ++i) position_[free[i]] = static_cast<int>(i);
  }

  Vector product(const Vector& v) override {
    const Vector image = symmetric_product(hessian_, v(free_));
    Vector out = Vector::Zero(d_);
    out(free_) = image;
    return out;
  }

  Vector solve(const Vector& x, const std::vector<int>& free, const Vector& slope,
               double) override {
    if (free.empty()) return Vector::Zero(d_);
    std::vector<int> kept(free.size()), rank(free_.size(), -1);
    for (std::size_t i = 0; i < free.size(); ++i) {
      kept[i] = position_[free[i]];
      rank[kept[i]] = static_cast<int>(i);
    }
    Eigen::MatrixXd matrix = hessian_(kept, kept);
    each_entry(h_, x, free, [&](int row, int column, double value) {
      const int j = column < d_ && position_[column] >= 0 ? rank[position_[column]] : -1;
      if (j >= 0) matrix(rank[position_[row]], j) += value;
    });
    // Singular but for rounding where columns of A are collinear: more is added until it is not.
    const double scale = std::max(matrix.diagonal().maxCoeff(), 1e-300);
    Cholesky factor(matrix);
    for (double added = 1e-15 * scale; !factor.positive_definite(); added *= 10) {
      matrix.diagonal().array() += added;
      factor = Cholesky(matrix);
      if (!(added <= scale)) break;
    }
    Vector out = Vector::Zero(d_);
    Vector solution = -slope(free);
    factor.solve(view(solution));
    out(free) = solution;
    return out;
  }

  int affordable_solves() const override {
    constexpr double kMaxOperations = 2e9;
    const double k = static_cast<double>(free_.size());
    return static_cast<int>(std::clamp(kMaxOperations / (k * k * k / 3 + 1), 5.0, 100.0));
  }

 private:
  const Regularizer& h_;
  int d_;
  std::vector<int> free_;
  std::vector<int> position_;  // of a coordinate in free_, or -1
  Eigen::MatrixXd hessian_;
};

// Conjugate gradients with a diagonal preconditioner.
class SweptCurvature final : public Curvature {
 public:
  SweptCurvature(SmoothPart& smooth, double damping)
      : smooth_(smooth), damping_(damping), diagonal_(smooth.hessian_diagonal()) {
    diagonal_.array() += damping;
  }

  Vector product(const Vector& v) override {
    Vector out;
    smooth_.hessian_product(v, out);
    return out + damping_ * v;
  }

  Vector solve(const Vector& x, const std::vector<int>& free, const Vector& slope,
               double accuracy) override {
    const Vector inverse = preconditioner(x, free);
    Vector s = Vector::Zero(slope.size()), r = s;
    for (int j : free) r[j] = -slope[j];
    const double target = accuracy * norm(view(r));
    Vector z = r.cwiseProduct(inverse), p = z;
    double rz = dot(view(r), view(z));
    for (int k = 0; k < kMaxCgSteps && norm(view(r)) > target; ++k) {
      Vector image = product(p);
      smooth_.regularizer().add_hessian_product(view(x), view(p), view(image));
      const double curvature = dot(view(p), view(image));
      if (!(curvature > 0)) break;
      const double step = rz / curvature;
      s += step * p;
      for (int j : free) r[j] -= step * image[j];
      z = r.cwiseProduct(inverse);
      const double next = dot(view(r), view(z));
      p = z + (next / rz) * p;
      rz = next;
    }
    return s;
  }

  int affordable_solves() const override { return 3; }

 private:
  // One over the diagonal on `free`, 0 elsewhere. Blocks too large to learn are left out.
  Vector preconditioner(const Vector& x, const std::vector<int>& free) const {
    Vector sum = Vector::Zero(x.size());
    for (int j : free) sum[j] = diagonal_[j];
    if (smooth_.regularizer().hessian_block() <= kMaxProbes) {
      each_entry(smooth_.regularizer(), x, free, [&](int row, int column, double value) {
        if (row == column) sum[row] += value;
      });
    }
    for (int j : free) sum[j] = sum[j] > 0 ? 1 / sum[j] : 1;
    return sum;
  }

  SmoothPart& smooth_;
  double damping_;
  Vector diagonal_;
};

}  // namespace

std::unique_ptr<Curvature> make_curvature(SmoothPart& smooth, const Vector& margin,
                                          const std::vector<int>& free, double damping) {
  smooth.set_curvature(margin);
  if (free.size() <= kMaxDense && smooth.dense_cost() <= kMaxDenseCost) {
    return std::make_unique<DenseCurvature>(smooth, free, damping);
  }
  return std::make_unique<SweptCurvature>(smooth, damping);
}

}  // namespace laggard::reference
