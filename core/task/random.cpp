#include "core/task/random.hpp"

#include "core/task/elementary.hpp"

#include <Random123/philox.h>
#include <cmath>
#include <numeric>
#include <utility>

namespace laggard {
namespace {

using elementary::detail::polynomial;

// Wichura, Algorithm AS 241, PPND16 (Applied Statistics 37, 1988): rational approximations for the
// centre, the shoulders and the far tails.
constexpr double kCentreAbove[] = {3.3871328727963666080e0, 1.3314166789178437745e2,
                                   1.9715909503065514427e3, 1.3731693765509461125e4,
                                   4.5921953931549871457e4, 6.7265770927008700853e4,
                                   3.3430575583588128105e4, 2.5090809287301226727e3};
constexpr double kCentreBelow[] = {1.0,
                                   4.2313330701600911252e1,
                                   6.8718700749205790830e2,
                                   5.3941960214247511077e3,
                                   2.1213794301586595867e4,
                                   3.9307895800092710610e4,
                                   2.8729085735721942674e4,
                                   5.2264952788528545610e3};
constexpr double kShoulderAbove[] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                     5.76949722146069140550e0,  3.64784832476320460504e0,
                                     1.27045825245236838258e0,  2.41780725177450611770e-1,
                                     2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr double kShoulderBelow[] = {1.0,
                                     2.05319162663775882187e0,
                                     1.67638483018380384940e0,
                                     6.89767334985100004550e-1,
                                     1.48103976427480074590e-1,
                                     1.51986665636164571966e-2,
                                     5.47593808499534494600e-4,
                                     1.05075007164441684324e-9};
constexpr double kTailAbove[] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                 1.78482653991729133580e0,  2.96560571828504891230e-1,
                                 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                 2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr double kTailBelow[] = {1.0,
                                 5.99832206555887937690e-1,
                                 1.36929880922735805310e-1,
                                 1.48753612908506148525e-2,
                                 7.86869131145613259100e-4,
                                 1.84631831751005468180e-5,
                                 1.42151175831644588870e-7,
                                 2.04426310338993978564e-15};

}  // namespace

std::array<std::uint32_t, 4> philox(std::uint64_t seed, Stream stream, std::uint64_t a,
                                    std::uint32_t b) {
  const philox4x32_ctr_t counter = {{static_cast<std::uint32_t>(a),
                                     static_cast<std::uint32_t>(a >> 32), b,
                                     static_cast<std::uint32_t>(stream)}};
  const philox4x32_key_t key = {
      {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}};
  const philox4x32_ctr_t words = philox4x32(counter, key);
  return {words.v[0], words.v[1], words.v[2], words.v[3]};
}

double uniform(std::uint64_t seed, Stream stream, std::uint64_t a, std::uint32_t b) {
  const auto words = philox(seed, stream, a, b);
  return to_unit_interval(words[0], words[1]);
}

std::vector<std::uint32_t> permutation(std::uint32_t count, Draws draws) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  for (std::uint32_t i = count; i > 1; --i) std::swap(order[i - 1], order[draws.below(i)]);
  return order;
}

double normal_quantile(double u) {
  const double q = u - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(kCentreAbove, r) / polynomial(kCentreBelow, r);
  }
  const double tail = q < 0 ? u : 1 - u;
  const double r = std::sqrt(-elementary::log(tail));
  const double magnitude =
      r <= 5 ? polynomial(kShoulderAbove, r - 1.6) / polynomial(kShoulderBelow, r - 1.6)
             : polynomial(kTailAbove, r - 5) / polynomial(kTailBelow, r - 5);
  return q < 0 ? -magnitude : magnitude;
}

}  // namespace laggard
