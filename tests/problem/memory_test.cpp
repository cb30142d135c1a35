// What the machine and its control groups say about memory.
#include "core/io/memory.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace laggard {
namespace {

TEST(Memory, IsSomeAndNotMoreThanTheMachineHas) {
  const double machine =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  EXPECT_GT(available_memory(), 0x1p20);
  EXPECT_LE(available_memory(), machine);
}

TEST(Memory, IsShownInUnitsThatFit) {
  EXPECT_EQ(memory_text(1.5 * 0x1p30), "1.5 GiB");
  EXPECT_EQ(memory_text(12 * 0x1p20), "12.0 MiB");
}

}  // namespace
}  // namespace laggard
