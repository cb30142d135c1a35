// What matrices are told of the options of a run.
#pragma once

#include "runners/laboratory/matrix/run_rules.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

class OptionsOfRuns : public RunRules {
 public:
  std::vector<std::string> names(std::span<const Setting> owners) const override;
  NumberKind number_kind(std::string_view option, std::string_view protocol,
                         std::string_view method) const override;
  std::string located(const Setting& setting, const std::filesystem::path& folder) const override;
  void refuse_unfit(const Setting& setting) const override;
  ResolvedRun resolve(std::span<const Setting> settings) const override;
  std::optional<std::string> value_in_force(std::string_view option,
                                            std::span<const Setting> settings) const override;

 private:
  mutable std::map<std::string, std::string> checksums_;  // of data, by path
};

}  // namespace laggard
