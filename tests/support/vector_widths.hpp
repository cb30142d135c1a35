// What is the same with vectors of every width that this CPU has.
#pragma once

#include "core/problem/vector_width.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {

// check() at each of them; in the end the width is what it was.
template <class Check>
void at_every_vector_width(const Check& check) {
  const struct Restore {
    ~Restore() { set_vector_width(before); }
    VectorWidth before = vector_width();
  } restore;
  for (const VectorWidth width : {VectorWidth::baseline, VectorWidth::avx2, VectorWidth::avx512}) {
    if (!cpu_has(width)) continue;
    SCOPED_TRACE(::testing::Message() << "width " << static_cast<int>(width));
    set_vector_width(width);
    check();
  }
}

}  // namespace laggard::testing
