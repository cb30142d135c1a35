#include "runners/laboratory/matrix/matrix_progress.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

namespace laggard {
namespace {

struct Screens {
  std::ostringstream out, err;
};

TEST(MatrixProgress, OnATerminalIsALineForEachRunningCellAndABar) {
  Screens screens;
  const MatrixScreen screen{screens.out, screens.err, true, 40};
  {
    MatrixProgress progress(screen);
    progress.show({12, 2, 1, 95}, {{"protocol=sync,workers=4", 0.26},
                                   {"protocol=async,min-arrivals=16,workers=64", 71}});
    EXPECT_EQ(screens.err.str(),
              "\r    0.3 s  protocol=sync,workers=4\033[K\n"
              "\r1 min 11 s  protocol=async,min-arriv...\033[K\n"
              "\r[######..................] 3/12, 1 f...\033[K\n"
              "\033[J");
    screens.err.str("");
    progress.show({12, 3, 1, 95}, {});
    EXPECT_EQ(screens.err.str(), "") << "not at once again";
    progress.tell("runner: cell a failed: why; see log");
    EXPECT_EQ(screens.err.str(), "\033[3A\r\033[Jrunner: cell a failed: why; see log\n");
    screens.err.str("");
    progress.show({12, 12, 0, 95}, {});
    EXPECT_EQ(screens.err.str(), "\r[########################] 12/12\033[K\n\033[J");
    screens.err.str("");
  }
  EXPECT_EQ(screens.err.str(), "\033[1A\r\033[J") << "it leaves nothing";
  EXPECT_EQ(screens.out.str(), "");
}

TEST(MatrixProgress, InAPipeIsALineForEachFinishedCell) {
  Screens screens;
  const MatrixScreen screen{screens.out, screens.err, false, 80};
  MatrixProgress progress(screen);
  progress.show({12, 2, 1, 95}, {{"a", 1}});
  progress.finished({12, 3, 1, NAN}, "protocol=sync", 1.234);
  EXPECT_EQ(screens.out.str(), "4/12  1.2 s  protocol=sync\n");
  EXPECT_EQ(screens.err.str(), "");
}

TEST(MatrixProgress, DurationsAreReadable) {
  EXPECT_EQ(duration_text(0), "0.0 s");
  EXPECT_EQ(duration_text(9.94), "9.9 s");
  EXPECT_EQ(duration_text(9.96), "10 s");
  EXPECT_EQ(duration_text(59.6), "1 min 0 s");
  EXPECT_EQ(duration_text(200), "3 min 20 s");
  EXPECT_EQ(duration_text(3600 * 2 + 61), "2 h 1 min");
}

}  // namespace
}  // namespace laggard
