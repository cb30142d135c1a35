// Elementary functions of our own: the same bits on every machine and from every compiler, where
// libm's depend on the CPU. Nothing but + - * /, comparisons and exact operations on bits. Loops
// over exp_in_range and log1p_of_unit, which have no branches, vectorise to the same bits again.
// Errors are below 3 ulp, or as stated.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace laggard::elementary {
namespace detail {

// The two halves of ln 2: an integer of 20 bits times the first is exact.
inline constexpr double kLn2High = 6.93147180369123816490e-01;
inline constexpr double kLn2Low = 1.90821492927058770002e-10;

// c[0] + c[1] r + c[2] r^2 + ..., by Horner's rule.
template <std::size_t N>
constexpr double polynomial(const double (&c)[N], double r) {
  double sum = c[N - 1];
  for (std::size_t i = N - 1; i-- > 0;) sum = sum * r + c[i];
  return sum;
}

// ln(2^k (1 + f)) for sqrt(1/2) <= 1 + f <= sqrt(2). With s = f / (2 + f),
// ln(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)); R is that of FDLIBM's e_log.c.
inline double log_of(double k, double f) {
  constexpr double kR[] = {6.666666666666735130e-01, 3.999999999940941908e-01,
                           2.857142874366239149e-01, 2.222219843214978396e-01,
                           1.818357216161805012e-01, 1.531383769920937332e-01,
                           1.479819860511658591e-01};
  const double s = f / (2.0 + f);
  const double z = s * s;
  const double remainder = z * polynomial(kR, z);
  const double half_square = 0.5 * f * f;
  return k * kLn2High - ((half_square - (s * (half_square + remainder) + k * kLn2Low)) - f);
}

}  // namespace detail

// e^x for -708 <= x <= 709, where it is a normal number, to 1.5 ulp.
inline double exp_in_range(double x) {
  // e^r = 1 + r + r^2 q(r) for abs(r) <= ln(2)/2, to 3e-19: q interpolates at Chebyshev's points.
  constexpr double kQ[] = {0.5,
                           0.1666666666666667,
                           0.04166666666666667,
                           0.008333333333326112,
                           0.001388888888888373,
                           0.0001984126987490126,
                           2.4801587325605368e-05,
                           2.7557255297969626e-06,
                           2.755727357005426e-07,
                           2.5105259538456094e-08,
                           2.0914717359414225e-09};
  constexpr double kLog2E = 1.4426950408889634;
  // Added to a number, this leaves the nearest integer in the last bits of the sum.
  constexpr double kToInteger = 0x1.8p52;
  const double shifted = x * kLog2E + kToInteger;
  const double k = shifted - kToInteger;
  const double r = (x - k * detail::kLn2High) - k * detail::kLn2Low;
  const std::uint64_t exponent = (std::bit_cast<std::uint64_t>(shifted) + 1023) << 52;
  return std::bit_cast<double>(exponent) * (1.0 + (r + r * r * detail::polynomial(kQ, r)));
}

// e^x for any x; 0 and infinity beyond the range of doubles.
inline double exp(double x) {
  if (std::abs(x) <= 708.0) return exp_in_range(x);
  const double root = exp_in_range(std::min(std::max(0.5 * x, -400.0), 400.0));
  return root * root;
}

// ln(1 + e) for 0 <= e <= 1, to 2 ulp.
inline double log1p_of_unit(double e) {
  const bool large = e > 0.41421356237309503;
  return detail::log_of(large ? 1.0 : 0.0, large ? 0.5 * (e - 1.0) : e);
}

// ln(x) for finite x > 0, to 1 ulp.
inline double log(double x) {
  constexpr std::uint64_t kSqrtHalfBits = 0x3fe6a09e667f3bcd;
  const bool subnormal = x < 0x1p-1022;
  // Counting the exponent from that of sqrt(1/2) puts the reduced argument into [sqrt(1/2),
  // sqrt(2)).
  const std::uint64_t from_sqrt_half =
      std::bit_cast<std::uint64_t>(subnormal ? x * 0x1p54 : x) - kSqrtHalfBits;
  const std::int64_t exponent = static_cast<std::int64_t>(from_sqrt_half) >> 52;
  const double f =
      std::bit_cast<double>((from_sqrt_half & 0x000fffffffffffffu) + kSqrtHalfBits) - 1.0;
  return detail::log_of(static_cast<double>(exponent - (subnormal ? 54 : 0)), f);
}

// ln(1 + x) for finite x > -1. What rounding takes from 1 + x the quotient puts back.
inline double log1p(double x) {
  const double y = 1.0 + x;
  return y == 1.0 ? x : log(y) * (x / (y - 1.0));
}

// base^exponent for finite base > 0, to 2^-52 (2 + abs(exponent ln(base))) relatively.
inline double pow(double base, double exponent) { return exp(exponent * log(base)); }

}  // namespace laggard::elementary
