#include "core/reference/smooth_part.hpp"

#include "core/problem/kernel.hpp"

namespace laggard::reference {

SmoothPart::SmoothPart(const Problem& problem, int threads, std::function<bool()> interrupted)
    : problem_(&problem),
      chunks_(*problem.data, threads),
      interrupted_(std::move(interrupted)),
      curvature_(problem.data->samples()),
      scratch_(problem.data->samples()),
      partial_(static_cast<std::size_t>(chunks_.count()), Vector(problem.features())) {}

const MatrixTraits& SmoothPart::matrix() {
  if (matrix_) return *matrix_;
  MatrixTraits& out = matrix_.emplace();
  const Csr& a = problem_->data->a;
  for (std::int64_t n = 0; n < a.rows(); ++n) {
    const auto length = static_cast<double>(a.row_start[n + 1] - a.row_start[n]);
    out.dense_cost += 0.5 * length * length;
  }
  out.depends_on.assign(static_cast<std::size_t>(features()), false);
  for (const std::uint32_t column : a.column) out.depends_on[column] = true;
  double squares = 0;
  for (const double value : a.value) squares += value * value;
  const double scale = problem_->loss->curvature_bound() * squares / std::max(1, a.columns);
  if (scale > 0) out.curvature_scale = scale;
  return out;
}

Point SmoothPart::at(Vector x) {
  begin_sweep(1);
  Point point{std::move(x), Vector(problem_->data->samples()), 0, 0, {}};
  chunks_.for_each([&](int, const Rows& rows) {
    kernel::margins(rows, view(point.x), view(point.margin).subspan(rows.begin, rows.count()));
  });
  point.smooth = value(point.margin);
  point.penalty = regularizer().value(view(point.x));
  return point;
}

void SmoothPart::complete(Point& point) {
  if (point.gradient.size() == 0) gradient(point.margin, point.gradient);
}

double SmoothPart::value(const Vector& margin) const {
  std::vector<double> block_value(static_cast<std::size_t>(chunks_.blocks()));
  chunks_.for_each([&](int, const Rows& chunk) {
    RowChunks::for_each_block(chunk, [&](std::int64_t block, const Rows& rows) {
      block_value[block] = problem_->loss->value(slice(margin, rows), rows.labels());
    });
  });
  double sum = 0;
  for (double term : block_value) sum += term;
  return sum;
}

void SmoothPart::gradient(const Vector& margin, Vector& out) {
  begin_sweep(1);
  accumulate(out, [&](const Rows& rows, std::span<double> sum) {
    const auto weight = view(scratch_).subspan(rows.begin, rows.count());
    problem_->loss->derivative(slice(margin, rows), rows.labels(), weight);
    kernel::add_transposed(rows, weight, sum);
  });
}

Vector SmoothPart::derivative(const Vector& margin) const {
  Vector out(margin.size());
  chunks_.for_each([&](int, const Rows& rows) {
    problem_->loss->derivative(slice(margin, rows), rows.labels(),
                               view(out).subspan(rows.begin, rows.count()));
  });
  return out;
}

Vector SmoothPart::margins(const Vector& v) {
  begin_sweep(1);
  Vector out(problem_->data->samples());
  chunks_.for_each([&](int, const Rows& rows) {
    kernel::margins(rows, view(v), view(out).subspan(rows.begin, rows.count()));
  });
  return out;
}

Vector SmoothPart::transposed(const Vector& weight) {
  begin_sweep(1);
  Vector out;
  accumulate(out, [&](const Rows& rows, std::span<double> sum) {
    kernel::add_transposed(rows, slice(weight, rows), sum);
  });
  return out;
}

void SmoothPart::set_curvature(const Vector& margin) {
  chunks_.for_each([&](int, const Rows& rows) {
    problem_->loss->curvature(slice(margin, rows), rows.labels(),
                              view(curvature_).subspan(rows.begin, rows.count()));
  });
}

void SmoothPart::hessian_product(const Vector& v, Vector& out) {
  begin_sweep(2);
  accumulate(out, [&](const Rows& rows, std::span<double> sum) {
    const auto image = view(scratch_).subspan(rows.begin, rows.count());
    kernel::add_hessian_product(rows, slice(curvature_, rows), view(v), image, sum);
  });
}

Vector SmoothPart::hessian_diagonal() {
  begin_sweep(1);
  Vector out;
  accumulate(out, [&](const Rows& rows, std::span<double> sum) {
    kernel::add_hessian_diagonal(rows, slice(curvature_, rows), sum);
  });
  return out;
}

Vector SmoothPart::column_norms() {
  begin_sweep(1);
  Vector out;
  scratch_.setOnes();
  accumulate(out, [&](const Rows& rows, std::span<double> sum) {
    kernel::add_hessian_diagonal(rows, slice(scratch_, rows), sum);
  });
  return out.cwiseSqrt();
}

Eigen::MatrixXd SmoothPart::dense_hessian(const std::vector<int>& free) {
  begin_sweep(1);
  const auto k = static_cast<Eigen::Index>(free.size());
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(k, k);
  std::vector<int> position(static_cast<std::size_t>(features()), -1);
  for (std::size_t i = 0; i < free.size(); ++i) position[free[i]] = static_cast<int>(i);
  const Rows all{problem_->data.get(), 0, problem_->data->samples()};
  kernel::add_hessian(all, view(curvature_), position, out);
  return out;
}

Eigen::MatrixXd SmoothPart::gram(const std::vector<std::uint32_t>& samples, const Vector& scale) {
  begin_sweep(1);
  const auto k = static_cast<Eigen::Index>(samples.size());
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(k, k);
  const Rows all{problem_->data.get(), 0, problem_->data->samples()};
  const double one = 1;
  Vector row(features());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    row.setZero();
    kernel::add_transposed_of(all, std::span(samples).subspan(i, 1), {&one, 1}, view(row));
    row = row.cwiseProduct(scale);
    double* column = out.col(static_cast<Eigen::Index>(i)).data();
    kernel::margins_of(all, std::span(samples).subspan(i), view(std::as_const(row)),
                       {column + i, samples.size() - i});
  }
  return out;
}

double SmoothPart::lipschitz_bound() const {
  const Rows all{problem_->data.get(), 0, problem_->data->samples()};
  return problem_->loss->curvature_bound() * kernel::squared_norm_estimate(all);
}

void SmoothPart::begin_sweep(int passes) {
  if (interrupted_ && interrupted_()) throw Interrupted("the reference solve was interrupted");
  passes_ += passes;
}

void SmoothPart::accumulate(Vector& out,
                            const std::function<void(const Rows&, std::span<double>)>& visit) {
  chunks_.for_each([&](int chunk, const Rows& rows) {
    partial_[chunk].setZero();
    visit(rows, view(partial_[chunk]));
  });
  out.setZero(features());
  for (const Vector& term : partial_) out += term;
}

std::span<const double> SmoothPart::slice(const Vector& samples, const Rows& rows) const {
  return view(samples).subspan(rows.begin, rows.count());
}

}  // namespace laggard::reference
