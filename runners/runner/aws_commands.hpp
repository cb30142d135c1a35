// `runner doctor` and `runner aws-smoke`: is the function on AWS ready, and does it work?
#pragma once

#include <atomic>
#include <string>
#include <vector>

namespace laggard {

struct DoctorReport {
  std::string text;  // to be printed
  bool healthy = false;
};

// arguments: what follows `doctor`. Throws Error.
DoctorReport run_doctor(const std::vector<std::string>& arguments,
                        const std::atomic<bool>* stop = nullptr);

// The options of the run that `aws-smoke` stands for, followed by `arguments`, which overrule them.
std::vector<std::string> smoke_options(const std::vector<std::string>& arguments);

}  // namespace laggard
