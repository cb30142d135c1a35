// How the numbers of z and x cross the wire. Part of the method, not of a fleet: the coordinator
// rounds z and the worker rounds x where they are made, so that every fleet computes the same bits.
#pragma once

#include "core/task/types.hpp"

#include <cstdint>

namespace laggard {

enum class Precision : std::uint8_t { f64, f32 };  // doubles, or floats

constexpr std::size_t number_bytes(Precision precision) {
  return precision == Precision::f32 ? sizeof(float) : sizeof(double);
}

// Rounds to what crosses the wire unchanged; beyond the range of float: to infinity.
inline void round_to(Precision precision, Vector& vector) {
  if (precision == Precision::f32) vector = vector.cast<float>().cast<double>().eval();
}

}  // namespace laggard
