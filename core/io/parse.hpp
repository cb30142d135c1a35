// Numbers from text, whole and in range, or an error that says what was expected.
#pragma once

#include <cstdint>
#include <string_view>

namespace laggard {

// The integer that the whole of `text` spells: plain ("-12") or in scientific notation whose value
// is exactly an integer ("1e4", "2.5e3"). Throws Error unless it lies in [min, max]; `what` names
// it in the message, e.g. "--workers: 0 is out of range; expected an integer from 1 to 1000000".
std::int64_t parse_integer(std::string_view text, std::string_view what, std::int64_t min,
                           std::int64_t max);

// The number that the whole of `text` spells, as std::from_chars reads it. Throws Error unless it
// lies in [min, max], and for NaN. "inf" and "-inf" are read only if `allow_infinity`, and must lie
// in [min, max] as well.
double parse_real(std::string_view text, std::string_view what, double min, double max,
                  bool allow_infinity = false);

}  // namespace laggard
