// The losses of [math 1]: what a sample costs, as a function of its margin m = <a, x>.
#pragma once

#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace laggard {

// Virtual on whole arrays, never per sample. Stateless and safe to share between threads.
// In every call `margin`, `label` and the outputs have one entry a sample.
class Loss {
 public:
  virtual ~Loss() = default;

  // Sum of the losses, in an order that depends on their number alone. Finite for margins of at
  // least +-1e3.
  virtual double value(std::span<const double> margin, std::span<const double> label) const = 0;

  // Writes d loss / d margin of each sample (at a kink, a subgradient); returns the sum of the
  // losses.
  virtual double derivative(std::span<const double> margin, std::span<const double> label,
                            std::span<double> first) const = 0;

  // Writes the second derivative of each sample (a generalised one where the loss has a kink).
  virtual void curvature(std::span<const double> margin, std::span<const double> label,
                         std::span<double> second) const = 0;

  // Sum of the convex conjugates sup_m (dual m - loss(m)) of the samples; infinite outside their
  // domain, which holds c times each of its points for 0 <= c <= 1.
  virtual double conjugate(std::span<const double> dual, std::span<const double> label) const = 0;

  virtual double curvature_bound() const = 0;  // sup of the second derivative; inf: has a kink
  bool is_smooth() const { return std::isfinite(curvature_bound()); }
  virtual bool is_classification() const = 0;   // labels must be -1 or +1
  virtual bool is_quadratic() const = 0;        // curvature constant: the direct solver applies
  virtual const std::string& spec() const = 0;  // canonical, e.g. "huber:1"
};

// Syntax: logistic | squared | huber:DELTA | squared_hinge | hinge. Throws Error on anything else.
std::unique_ptr<const Loss> make_loss(std::string_view spec);

}  // namespace laggard
