#include "runners/local_lambda/billing.hpp"

#include <fmt/format.h>
#include <cmath>

namespace laggard::local {
namespace {

double milliseconds(Time time) { return to_seconds(time) * 1e3; }

}  // namespace

std::int64_t billed_ms(const Usage& usage) {
  return std::chrono::ceil<std::chrono::milliseconds>(usage.duration + usage.init).count();
}

double billed_gb_seconds(const Usage& usage) {
  return static_cast<double>(billed_ms(usage)) / 1e3 * usage.memory_mb / 1024;
}

std::string report_line(const std::string& request_id, const Usage& usage) {
  std::string line = fmt::format(
      "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\tMemory Size: {:.0f} MB\t"
      "Max Memory Used: {:.0f} MB\t",
      request_id, milliseconds(usage.duration), billed_ms(usage), usage.memory_mb,
      std::ceil(usage.max_memory_mb));
  if (usage.init > Time::zero()) {
    line += fmt::format("Init Duration: {:.2f} ms\t", milliseconds(usage.init));
  }
  if (!usage.status.empty()) line += fmt::format("Status: {}\t", usage.status);
  if (!usage.error_type.empty()) line += fmt::format("Error Type: {}\t", usage.error_type);
  return line + "\n";
}

}  // namespace laggard::local
