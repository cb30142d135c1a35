// Names that the endpoint makes up.
#pragma once

#include <cstddef>
#include <string>

namespace laggard::local {

std::string random_hex(std::size_t bytes);
std::string make_uuid();      // "8-4-4-4-12" hexadecimal digits, version 4
std::string make_trace_id();  // "Root=1-...;Parent=...;Sampled=0"

}  // namespace laggard::local
