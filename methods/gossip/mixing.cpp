#include "methods/gossip/mixing.hpp"

#include "core/io/error.hpp"
#include "core/problem/vector_ops.hpp"
#include "core/task/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

std::size_t index(int node) { return static_cast<std::size_t>(node); }

constexpr double kRounding = 1e-12;

// Node k with `own`, among its neighbours.
void insert_own(std::vector<MixingWeight>& row, int k, double own) {
  const auto place =
      std::find_if(row.begin(), row.end(), [k](const MixingWeight& w) { return w.node > k; });
  row.insert(place, {k, own});
}

// What is left of 1 for node k.
double rest_of(const std::vector<MixingWeight>& row, int k) {
  double rest = 1;
  for (const MixingWeight& w : row) rest -= w.weight;
  if (rest < -kRounding)
    throw Error(
        fmt::format("--mixing: the weights of node {}'s edges come to {}; expected at most "
                    "1",
                    k, 1 - rest));
  return std::max(rest, 0.0);
}

// The eigenvalues of a symmetric tridiagonal matrix that are below x, by Sturm's sequence.
int count_below(const std::vector<double>& diagonal, const std::vector<double>& off, double x) {
  constexpr double kTiny = 1e-300;
  int below = 0;
  double q = 1;
  for (std::size_t i = 0; i < diagonal.size(); ++i) {
    q = diagonal[i] - x - (i > 0 ? off[i - 1] * off[i - 1] / q : 0);
    if (q < 0) ++below;
    if (std::abs(q) < kTiny) q = q < 0 ? -kTiny : kTiny;
  }
  return below;
}

// The eigenvalue that `rank` others are below, of a matrix whose eigenvalues are in [-1, 1].
double eigenvalue(const std::vector<double>& diagonal, const std::vector<double>& off, int rank) {
  double low = -1.5, high = 1.5;
  for (int step = 0; step < 60; ++step) {
    const double middle = 0.5 * (low + high);
    (count_below(diagonal, off, middle) <= rank ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

void scale(Vector& v, double by) {
  for (double& entry : v) entry *= by;
}

// v without its part along each of `basis`; twice, so that it is orthogonal up to rounding.
void orthogonalise(Vector& v, const std::vector<Vector>& basis) {
  for (int pass = 0; pass < 2; ++pass)
    for (const Vector& q : basis) add_scaled(view(v), -dot(view(q), view(v)), view(q));
}

}  // namespace

double Mixing::at(int k, int j) const {
  for (const MixingWeight& w : rows[index(k)])
    if (w.node == j) return w.weight;
  return 0;
}

Mixing make_mixing(const Graph& graph, const std::string& name) {
  const bool own = name == "file";
  if (own && !graph.weighted)
    throw Error("--mixing: file needs a graph whose file has weights; expected metropolis");
  if (!own && graph.weighted)
    throw Error(
        fmt::format("--mixing: {} cannot go with a graph whose file has weights; expected "
                    "file",
                    name));
  Mixing mixing;
  for (int k = 0; k < graph.nodes(); ++k) {
    std::vector<MixingWeight>& row = mixing.rows.emplace_back();
    const int degree = graph.degree(k);
    for (const Neighbour& other : graph.of[index(k)]) {
      const int most = name == "metropolis" ? std::max(degree, graph.degree(other.node)) : degree;
      row.push_back({other.node, own ? other.weight : 1 / (1.0 + most)});
    }
    insert_own(row, k, name == "closed_uniform" ? 1 / (1.0 + degree) : rest_of(row, k));
  }
  return mixing;
}

bool is_doubly_stochastic(const Mixing& mixing) {
  std::vector<double> column(mixing.rows.size(), 0);
  for (int k = 0; k < mixing.nodes(); ++k) {
    double sum = 0;
    for (const MixingWeight& w : mixing.rows[index(k)]) {
      if (w.weight < 0 || w.weight != mixing.at(w.node, k)) return false;
      sum += w.weight;
      column[index(w.node)] += w.weight;
    }
    if (std::abs(sum - 1) > kRounding) return false;
  }
  return std::all_of(column.begin(), column.end(),
                     [](double sum) { return std::abs(sum - 1) <= kRounding; });
}

// By the method of Lanczos, from a vector orthogonal to the eigenvector of 1, with all vectors kept
// orthogonal: exact up to rounding once it has as many steps as there are nodes, and at both ends
// long before.
Spectrum spectrum(const Mixing& mixing) {
  constexpr int kMostSteps = 400;
  const int m = mixing.nodes();
  if (m == 1) return {};
  // S_kj = sqrt(M_kj M_jk) is similar to M, and symmetric; its eigenvector of 1 is the root of what
  // M leaves alone, which for these matrices follows from any edge: pi_k M_kj = pi_j M_jk.
  Mixing symmetric = mixing;
  Vector top = Vector::Zero(m);
  top[0] = 1;
  std::vector<int> reached = {0};
  for (std::size_t i = 0; i < reached.size(); ++i) {
    const int k = reached[i];
    for (const MixingWeight& w : mixing.rows[index(k)]) {
      const double back = mixing.at(w.node, k);
      if (top[w.node] != 0 || w.weight == 0 || back == 0) continue;
      top[w.node] = top[k] * std::sqrt(w.weight / back);
      reached.push_back(w.node);
    }
  }
  for (int k = 0; k < m; ++k)
    for (MixingWeight& w : symmetric.rows[index(k)])
      w.weight = std::sqrt(w.weight * mixing.at(w.node, k));
  scale(top, 1 / norm(view(top)));

  std::vector<Vector> basis = {top};
  std::vector<double> diagonal, off;
  Vector v(m);  // any will do that has a part along each eigenvector
  for (int k = 0; k < m; ++k)
    v[k] = uniform(1, Stream::start_backoff, static_cast<std::uint64_t>(k), 0) - 0.5;
  orthogonalise(v, basis);
  for (int step = 0; step < std::min(m - 1, kMostSteps); ++step) {
    const double length = norm(view(v));
    if (length < 1e-10) break;  // the rest of the space is spanned by eigenvectors met already
    if (step > 0) off.push_back(length);
    scale(v, 1 / length);
    basis.push_back(v);
    Vector next = Vector::Zero(m);
    for (int k = 0; k < m; ++k)
      for (const MixingWeight& w : symmetric.rows[index(k)]) next[k] += w.weight * v[w.node];
    diagonal.push_back(dot(view(v), view(next)));
    orthogonalise(next, basis);
    v = std::move(next);
  }
  const double least = eigenvalue(diagonal, off, 0);
  const double most = eigenvalue(diagonal, off, static_cast<int>(diagonal.size()) - 1);
  return {std::max(std::abs(least), std::abs(most)), least};
}

}  // namespace laggard
