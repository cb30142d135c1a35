// The labels of a classification: two classes, in one of three conventions.
#pragma once

#include "core/problem/buffer.hpp"

#include <string>
#include <vector>

namespace laggard {

// Follows the labels of a file one by one, and knows in the end which convention they keep to.
class ClassLabels {
 public:
  // False if no convention has both `label` and the labels accepted before it.
  bool accept(double label);

  // The same for all that `later` has accepted. False, and nothing is changed, if one is refused.
  bool append(const ClassLabels& later);

  // False if all labels accepted are 0, or all are 2: which of the classes that is cannot be told.
  bool is_complete() const { return (possible_ & kMinusPlus) != 0 || seen_one_; }

  // Maps 0/1 and 1/2 to -1/+1, and says so in `notices`; says too where there is one class alone.
  void map(Buffer<double>& labels, std::vector<std::string>& notices) const;

 private:
  static constexpr unsigned kMinusPlus = 1;
  static constexpr unsigned kZeroOne = 2;
  static constexpr unsigned kOneTwo = 4;

  unsigned possible_ = kMinusPlus | kZeroOne | kOneTwo;
  bool seen_one_ = false;
};

}  // namespace laggard
