// Anderson acceleration of a fixed-point iteration s <- T(s) that many hands carry out together.
//                                                                                  [math 2.8]
#pragma once

#include "core/method/state_archive.hpp"

#include <functional>
#include <vector>

namespace laggard {

// Chooses the weights a_i, which sum to 1, of the next point sum_i a_i T(s_i): those that make
// norm(sum_i a_i (T(s_i) - s_i)) least over the last few points (type II; Fu, Zhang and Boyd, SIAM
// J. Sci. Comput. 2020, for Douglas-Rachford splitting). It knows the products of the residuals
// alone; the vectors are kept by whoever asks, each in one of places() places, taken in turn.
class Anderson {
 public:
  explicit Anderson(int memory);  // m: how many earlier points; 0: none, the plain iteration

  int places() const { return static_cast<int>(weight_.size()); }

  // Forgets all points but the newest ones: 0, where the map is another one.
  void keep(int newest);

  // The map was applied once more, and its point and residual are at the place next().
  // product(i): of that residual with the one at place i. True if weights() are to be used; false:
  // the plain T(s).
  bool add(const std::function<double(int)>& product);
  int next() const { return next_; }

  // How many points are known, and the place of the one `back` before the newest.
  int known() const { return known_; }
  int place(int back) const { return (next_ - 1 - back + 2 * places()) % places(); }

  const std::vector<double>& weights() const { return weight_; }  // by place

  void persist(StateArchive& archive);

 private:
  double& gram(int i, int j);
  bool solve();

  std::vector<double> weight_, gram_;  // by place; by two places
  int known_ = 0;                      // points, the newest included
  int next_ = 0;                       // the place of the point to come
  double least_ = 0;                   // norm of a residual since the memory began
};

}  // namespace laggard
