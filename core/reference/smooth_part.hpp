// F, the sum of the losses, as the reference solver looks at it: values, gradients and Hessians.
#pragma once

#include "core/io/error.hpp"
#include "core/problem/problem.hpp"
#include "core/problem/row_chunks.hpp"
#include "core/problem/vector_ops.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace laggard::reference {

// An iterate with what is known there.
struct Point {
  Vector x;            // d
  Vector margin;       // N: A x
  double smooth = 0;   // F(x)
  double penalty = 0;  // h(x)
  Vector gradient;     // d: grad F(x); empty until SmoothPart::complete has been called

  double objective() const { return smooth + penalty; }
};

// What SmoothPart tells of A alone.
struct MatrixTraits {
  double dense_cost = 0;
  double curvature_scale = 1;
  std::vector<bool> depends_on;  // d
};

// Thrown where work was to end early.
struct Interrupted : Error {
  using Error::Error;
};

// Sweeps over all samples, shared between threads, summed in an order that does not depend on how
// many there are. Every sweep asks `interrupted` first and throws Interrupted once that is true.
class SmoothPart {
 public:
  // problem: must outlive this.
  SmoothPart(const Problem& problem, int threads, std::function<bool()> interrupted);

  const Problem& problem() const { return *problem_; }
  const Regularizer& regularizer() const { return *problem_->regularizer; }
  int features() const { return problem_->features(); }
  std::int64_t passes() const { return passes_; }  // made so far

  // The point x with its margins, F and h, but no gradient. One pass.
  Point at(Vector x);
  // Adds the gradient if it is not there. One pass.
  void complete(Point& point);
  // F at given margins (N). No pass.
  double value(const Vector& margin) const;
  // out = grad F at given margins (N). One pass.
  void gradient(const Vector& margin, Vector& out);
  // d loss / d margin of each sample at given margins (N). No pass.
  Vector derivative(const Vector& margin) const;
  // A v. One pass.
  Vector margins(const Vector& v);
  // A^T weight. weight: N. One pass.
  Vector transposed(const Vector& weight);

  // Fixes the point whose Hessian the functions below mean.
  void set_curvature(const Vector& margin);
  // out = (Hessian of F) v. Two passes.
  void hessian_product(const Vector& v, Vector& out);
  // The diagonal of the Hessian of F. One pass.
  Vector hessian_diagonal();
  // Whether F depends on x_j: the column has an entry.
  bool depends_on(int j) { return matrix().depends_on[static_cast<std::size_t>(j)]; }
  // The norms of the columns of A. One pass.
  Vector column_norms();
  // The lower triangle of the Hessian of F over `free`, rising. On one thread.
  Eigen::MatrixXd dense_hessian(const std::vector<int>& free);
  // The second derivative of each sample's loss. N.
  const Vector& curvature() const { return curvature_; }
  // The lower triangle of A_S diag(scale) A_S^T over `samples` S, rising. scale: d. On one thread.
  Eigen::MatrixXd gram(const std::vector<std::uint32_t>& samples, const Vector& scale);
  // About the number of operations that dense_hessian takes.
  double dense_cost() { return matrix().dense_cost; }

  // An upper bound, within some percent, of the Lipschitz constant of grad F.
  double lipschitz_bound() const;
  // A typical diagonal entry of the Hessian of F where it is largest; greater than 0.
  double curvature_scale() { return matrix().curvature_scale; }

 private:
  // Looked at once it is needed: most runs end without.
  const MatrixTraits& matrix();

  void begin_sweep(int passes);
  // out = the sum of what `visit(rows, accumulator)` adds for each chunk.
  void accumulate(Vector& out, const std::function<void(const Rows&, std::span<double>)>& visit);
  std::span<const double> slice(const Vector& samples, const Rows& rows) const;

  const Problem* problem_;
  RowChunks chunks_;
  std::function<bool()> interrupted_;
  std::int64_t passes_ = 0;
  std::optional<MatrixTraits> matrix_;
  Vector curvature_;             // N
  Vector scratch_;               // N
  std::vector<Vector> partial_;  // a chunk: d
};

}  // namespace laggard::reference
