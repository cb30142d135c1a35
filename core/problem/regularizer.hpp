// The regularisers h of [math 1].
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// Stateless and safe to share between threads. v, x: d.
class Regularizer {
 public:
  virtual ~Regularizer() = default;

  // h(x); infinite outside the domain of h.
  virtual double value(std::span<const double> x) const = 0;

  // out = prox_{t h}(v) = argmin_x h(x) + norm(x - v)^2 / (2 t). t > 0. out may be v itself.
  virtual void prox(std::span<const double> v, double t, std::span<double> out) const = 0;

  // The same in the norm of weights: out = argmin_x h(x) + sum_j (x_j - v_j)^2 / (2 t_j), where
  // the t_j > 0 are alike within each group of tie().
  virtual void prox(std::span<const double> v, std::span<const double> t,
                    std::span<double> out) const = 0;
  // Makes weights alike where a prox with unlike ones has no closed form: each group's mean.
  virtual void tie(std::span<double>) const {}

  // The piece of h that x lies on: h is smooth as long as only the free coordinates move, and these
  // not across a kink or a bound. l1: the nonzeros, their signs kept; box: strictly inside;
  // group_l2: the groups that are not zero; where h is smooth: all.
  virtual void free_coordinates(std::span<const double> x, std::vector<int>& free) const = 0;

  // out += the gradient of h along the free coordinates of x; the others are left alone.
  virtual void add_gradient(std::span<const double> x, std::span<double> out) const = 0;

  // out += (Hessian of h at x) v over the free coordinates. It is block diagonal, block k being the
  // coordinates k b .. k b + b - 1 with b = hessian_block().
  virtual void add_hessian_product(std::span<const double> x, std::span<const double> v,
                                   std::span<double> out) const = 0;
  virtual int hessian_block() const { return 1; }

  // Moves x back where it has left the closure of the piece of `from`: what changed its sign
  // becomes 0, what passed a bound lies on it. x: in the span of the free coordinates of `from`,
  // plus `from`.
  virtual void stay_on_piece(std::span<const double> from, std::span<double> x) const = 0;

  // The largest c in [0, 1] for which c y is in the domain of the convex conjugate h*.
  virtual double dual_scale(std::span<const double> y) const = 0;

  // h*(y) = sup_x <x, y> - h(x), for a y that dual_scale has brought into its domain.
  virtual double conjugate(std::span<const double> y) const = 0;

  // Where h is differentiable everywhere, so that add_gradient adds its gradient: its curvature,
  // the same at every x and in every direction (none: 0, l2: lambda). Otherwise nothing.
  virtual std::optional<double> smooth_curvature() const { return std::nullopt; }

  virtual const std::string& spec() const = 0;  // canonical, e.g. "elastic_net:1,0.5"
};

// Syntax: none | l1:L | l2:L | elastic_net:L1,L2 | box:LO,HI | nonnegative | group_l2:L,SIZE.
// The last group is shorter where SIZE does not divide d. Throws Error on anything else.
std::unique_ptr<const Regularizer> make_regularizer(std::string_view spec);

// factor h, by its lambdas; factor > 0. Null where h has none above 0, so that nothing would
// change.
std::unique_ptr<const Regularizer> scaled(const Regularizer& h, double factor);

}  // namespace laggard
