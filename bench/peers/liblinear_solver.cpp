// The peer of bench/liblinear.py: liblinear's newGLMNET on the paper's instance.
//
//     liblinear_solver write FILE    writes the instance as svmlight text
//     liblinear_solver train E       trains in memory to -e E; prints the seconds, the objective
#include "core/problem/synthetic.hpp"

#include <fmt/os.h>
#include <linear.h>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

laggard::Dataset paper_instance() {
  return laggard::make_synthetic(laggard::parse_synthetic("n=600000,d=10000,density=0.001"), 2);
}

void write(const char* file) {
  const laggard::Dataset data = paper_instance();
  auto out = fmt::output_file(file);
  for (std::int64_t n = 0; n < data.samples(); ++n) {
    out.print("{:+g}", data.label[n]);
    for (auto k = data.a.row_start[n]; k < data.a.row_start[n + 1]; ++k)
      out.print(" {}:{}", data.a.column[k] + 1, data.a.value[k]);
    out.print("\n");
  }
}

// h is l1:1; liblinear weighs the loss, by 1 / lambda.
void train_in_memory(double epsilon) {
  laggard::Dataset data = paper_instance();
  std::vector<feature_node> entries;
  entries.reserve(data.a.nonzeros() + data.samples());
  std::vector<feature_node*> rows;
  for (std::int64_t n = 0; n < data.samples(); ++n) {
    rows.push_back(entries.data() + entries.size());
    for (auto k = data.a.row_start[n]; k < data.a.row_start[n + 1]; ++k)
      entries.push_back({static_cast<int>(data.a.column[k]) + 1, data.a.value[k]});
    entries.push_back({-1, 0});
  }
  const problem asked{static_cast<int>(data.samples()), data.features(), data.label.data(),
                      rows.data(), -1};
  parameter options{};
  options.solver_type = L1R_LR;
  options.eps = epsilon;
  options.C = 1;
  set_print_string_function([](const char*) {});
  const auto start = std::chrono::steady_clock::now();
  const model* found = train(&asked, &options);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  const double sign = found->label[0] == 1 ? 1 : -1;
  double objective = 0;
  for (int i = 0; i < found->nr_feature; ++i) objective += std::abs(found->w[i]);
  for (std::int64_t n = 0; n < data.samples(); ++n) {
    double margin = 0;
    for (const feature_node* e = rows[n]; e->index > 0; ++e)
      margin += e->value * found->w[e->index - 1];
    objective += std::log1p(std::exp(-sign * data.label[n] * margin));
  }
  fmt::print("{} {}\n", taken.count(), objective);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "write") == 0) {
    write(argv[2]);
  } else if (argc == 3 && std::strcmp(argv[1], "train") == 0) {
    train_in_memory(std::atof(argv[2]));
  } else {
    fmt::print(stderr, "usage: liblinear_solver write FILE | train E\n");
    return 2;
  }
}
