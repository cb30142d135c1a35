// With M = damping + the Hessian of h, which is diagonal, D the curvature of the samples S that
// have any, and J the free coordinates (Woodbury):
//
//   (M + A_SJ^T D A_SJ)^-1 = M^-1 - M^-1 A_SJ^T (D^-1 + A_SJ M^-1 A_SJ^T)^-1 A_SJ M^-1
#include "core/problem/cholesky.hpp"
#include "core/reference/curvature.hpp"

namespace laggard::reference {
namespace {

constexpr std::size_t kMaxSamples = 2000;  // that a Cholesky factor is taken of

class SampleCurvature final : public Curvature {
 public:
  SampleCurvature(SmoothPart& smooth, std::vector<std::uint32_t> samples, double damping)
      : smooth_(smooth), samples_(std::move(samples)), damping_(damping) {}

  Vector product(const Vector& v) override {
    Vector out;
    smooth_.hessian_product(v, out);
    return out + damping_ * v;
  }

  Vector solve(const Vector& x, const std::vector<int>& free, const Vector& slope,
               double) override {
    const Vector inverse = inverse_of_m(x, free);
    Eigen::MatrixXd matrix = smooth_.gram(samples_, inverse);
    for (std::size_t i = 0; i < samples_.size(); ++i)
      matrix(i, i) += 1 / smooth_.curvature()[samples_[i]];
    const Vector first = -slope.cwiseProduct(inverse);
    const Vector image = smooth_.margins(first);
    Vector on_samples(samples_.size());
    for (std::size_t i = 0; i < samples_.size(); ++i) on_samples[i] = image[samples_[i]];
    Cholesky(std::move(matrix)).solve(view(on_samples));
    Vector weight = Vector::Zero(image.size());
    for (std::size_t i = 0; i < samples_.size(); ++i) weight[samples_[i]] = on_samples[i];
    return first - smooth_.transposed(weight).cwiseProduct(inverse);
  }

  int affordable_solves() const override { return 5; }

 private:
  // The diagonal of M^-1 on `free`, 0 elsewhere.
  Vector inverse_of_m(const Vector& x, const std::vector<int>& free) const {
    Vector diagonal = Vector::Constant(x.size(), damping_), out = Vector::Zero(x.size());
    const Vector ones = Vector::Ones(x.size());
    smooth_.regularizer().add_hessian_product(view(x), view(ones), view(diagonal));
    for (int j : free) out[j] = 1 / diagonal[j];
    return out;
  }

  SmoothPart& smooth_;
  std::vector<std::uint32_t> samples_;
  double damping_;
};

}  // namespace

std::unique_ptr<Curvature> make_sample_curvature(SmoothPart& smooth, const Vector& margin,
                                                 const std::vector<int>& free, double damping) {
  if (smooth.regularizer().hessian_block() > 1) return nullptr;
  smooth.set_curvature(margin);
  std::vector<std::uint32_t> samples;
  for (Eigen::Index n = 0; n < smooth.curvature().size(); ++n)
    if (smooth.curvature()[n] > 0) samples.push_back(static_cast<std::uint32_t>(n));
  if (samples.size() >= free.size() || samples.size() > kMaxSamples) return nullptr;
  return std::make_unique<SampleCurvature>(smooth, std::move(samples), damping);
}

}  // namespace laggard::reference
