#include "core/problem/class_labels.hpp"

#include <algorithm>

namespace laggard {

bool ClassLabels::accept(double label) {
  unsigned allowed = 0;
  if (label == 1) {
    allowed = kMinusPlus | kZeroOne | kOneTwo;
    seen_one_ = true;
  } else if (label == -1) {
    allowed = kMinusPlus;
  } else if (label == 0) {
    allowed = kZeroOne;
  } else if (label == 2) {
    allowed = kOneTwo;
  }
  if ((possible_ & allowed) == 0) return false;
  possible_ &= allowed;
  return true;
}

bool ClassLabels::append(const ClassLabels& later) {
  if ((possible_ & later.possible_) == 0) return false;
  possible_ &= later.possible_;
  seen_one_ = seen_one_ || later.seen_one_;
  return true;
}

void ClassLabels::map(Buffer<double>& labels, std::vector<std::string>& notices) const {
  if (std::all_of(labels.begin(), labels.end(), [&](double b) { return b == labels[0]; }))
    notices.emplace_back("all labels are the same: there is one class, and nothing to tell apart");
  if ((possible_ & kMinusPlus) != 0) return;
  const bool zero_one = possible_ == kZeroOne;
  const double positive = zero_one ? 1 : 2;
  for (double& label : labels) label = label == positive ? 1 : -1;
  notices.emplace_back(zero_one ? "labels 0 and 1 read as -1 and +1"
                                : "labels 1 and 2 read as -1 and +1");
}

}  // namespace laggard
